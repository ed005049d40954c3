/** The engine's part that changes messages: edits, deletions and reactions, one's own and other people's. */
import type { Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import { ParleyError } from '../../../bridge/text-rules.ts';
import type { MessageView, PersonView, ReactionView } from '../../../bridge/views.ts';

type Commands = Pick<
  Handlers<EngineContract>,
  'messages.edit' | 'messages.delete' | 'messages.react' | 'messages.retry-change' | 'messages.discard-change'
>;
type ConversationId = MessageView['conversation'];
type MessageId = MessageView['id'];

interface Options {
  readonly me: () => PersonView;
  readonly find: (conversation: ConversationId, message: MessageId) => MessageView | undefined;
  readonly put: (message: MessageView) => void;
}

/** What a message has that nobody changed. */
export const unchanged: Pick<MessageView, 'edited' | 'editedAt' | 'reactions' | 'change'> = {
  edited: false,
  editedAt: null,
  reactions: [],
  change: null,
};

export class ScriptedChanges {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  handlers(): Commands {
    return {
      'messages.edit': ({ conversation, message, text }) => this.edit(conversation, message, text),
      'messages.delete': ({ conversation, message }) => this.delete(conversation, message),
      'messages.react': ({ conversation, message, emoji, on }) =>
        this.react(conversation, message, emoji, on, this.#options.me()),
      'messages.retry-change': ({ conversation, message }) => {
        this.#change(conversation, message, () => ({ change: null }));
      },
      'messages.discard-change': ({ conversation, message }) => {
        this.#change(conversation, message, () => ({ change: null }));
      },
    };
  }

  edit(conversation: ConversationId, id: MessageId, text: string): MessageView {
    return this.#change(conversation, id, ({ content }) => {
      if (content.kind !== 'text' && content.kind !== 'media') return {};
      return { content: { ...content, text }, edited: true, editedAt: Date.now() };
    });
  }

  delete(conversation: ConversationId, id: MessageId): MessageView {
    return this.#change(conversation, id, () => ({ ...unchanged, content: { kind: 'deleted' } }));
  }

  react(conversation: ConversationId, id: MessageId, emoji: string, on: boolean, person: PersonView): MessageView {
    return this.#change(conversation, id, ({ reactions }) => ({
      reactions: withReaction(reactions, emoji, on, person, this.#options.me()),
    }));
  }

  fail(conversation: ConversationId, id: MessageId, change: NonNullable<MessageView['change']>): MessageView {
    return this.#change(conversation, id, () => ({ change }));
  }

  #change(conversation: ConversationId, id: MessageId, work: (message: MessageView) => Partial<MessageView>) {
    const message = this.#options.find(conversation, id);
    if (!message) throw new ParleyError('not_found', { message: 'There is no such message.' });
    const changed = { ...message, ...work(message) };
    this.#options.put(changed);
    return changed;
  }
}

function withReaction(
  reactions: readonly ReactionView[],
  emoji: string,
  on: boolean,
  person: PersonView,
  me: PersonView,
): ReactionView[] {
  const known = reactions.find((one) => one.emoji === emoji) ?? { emoji, count: 0, own: false, people: [] };
  const others = known.people.filter(({ id }) => id !== person.id);
  const people = on ? [...others, person] : others;
  const next = { emoji, count: people.length, own: people.some(({ id }) => id === me.id), people };
  const all = reactions.includes(known) ? reactions.map((one) => (one === known ? next : one)) : [...reactions, next];
  return all.filter(({ count }) => count > 0);
}

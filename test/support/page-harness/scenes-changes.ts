/** What people do to messages after they were sent, laid over a conversation, for the page harness. */
import type { MessageView, PersonView, ReactionView } from '../../../bridge/views.ts';

type Change = (message: MessageView) => Partial<MessageView>;
type Sign = readonly [emoji: string, count: number, own: boolean];

const deleted: Change = () => ({ content: { kind: 'deleted' } });
const edited: Change = ({ time }) => ({ edited: true, editedAt: time + 90_000 });

function failed(kind: 'edit' | 'delete' | 'reaction'): Change {
  const failure = { code: 'rate_limited', message: 'You changed a lot in a short time.', retryable: true };
  return () => ({ change: { kind, failure, text: kind === 'edit' ? 'What I wanted to say instead.' : null } });
}

/** The messages with changes at some of them; the caller puts them into the world. */
export function changeMessages(messages: readonly MessageView[], me: PersonView, peer: PersonView): MessageView[] {
  const reaction = ([emoji, count, own]: Sign): ReactionView => {
    return { emoji, count, own, people: own ? [me, peer].slice(0, count) : [peer] };
  };
  const reacted = (...signs: Sign[]): Change => {
    return () => ({ reactions: signs.map(reaction) });
  };
  const quoted = messages[7];
  const answers: Change = () => ({
    content: {
      kind: 'text',
      text: 'I saw it before it went.',
      replyTo: quoted ? { id: quoted.id, sender: quoted.sender, excerpt: null, media: null, deleted: true } : null,
    },
  });
  const many: Sign[] = [
    ['🎉', 2, true],
    ['🥳', 1, true],
    ['👏', 1, false],
    ['🍰', 1, true],
    ['🔥', 2, true],
    ['🙏', 1, false],
  ];
  const changes: Record<number, readonly Change[]> = {
    1: [reacted(['😂', 2, true], ['❤️', 1, false])],
    3: [edited, reacted(['👍', 1, true])],
    5: [reacted(['❤️', 1, true])],
    7: [deleted],
    8: [edited],
    9: [edited, failed('edit')],
    11: [reacted(...many)],
    12: [deleted],
    14: [reacted(['👍', 24, true], ['🍰', 7, false], ['😮', 1, false]), failed('reaction')],
    15: [edited, reacted(['🍰', 2, true])],
    17: [answers, reacted(['👀', 1, false])],
    18: [reacted(['👌', 1, true])],
  };
  return messages.map((message, at) =>
    (changes[at] ?? []).reduce<MessageView>((changed, change) => ({ ...changed, ...change(changed) }), message),
  );
}

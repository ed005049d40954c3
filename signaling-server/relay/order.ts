/** Gives a person's sessions each conversation in order and without holes, in whatever order notes come, if they come. */
import type { Conversation, ConversationId, Envelope } from '../../protocol/index.ts';
import type { Bus, Note } from '../ports/bus.ts';
import type { Feeder } from './feeder.ts';
import { Handed } from './handed.ts';
import type { Person } from './people.ts';
import type { OpenSession } from './session.ts';

type Sessions = readonly OpenSession[];
type MessagesNote = Extract<Note, { type: 'messages' }>;

export interface Order {
  /** Messages just stored: the next ones are handed on, a hole is given from the store, what is known is dropped. */
  messages(person: Person, note: MessagesNote): void;
  /**
   * There are messages up to `head`: those that the sessions lack come from the store.
   * @returns whether there were any, as far as is known.
   */
  head(person: Person, conversation: ConversationId, head: number): boolean;
  /** The seq up to which the person's sessions were given everything; undefined when that is not known. */
  known(person: Person, conversation: ConversationId): number | undefined;
  /** A session is about to be given these conversations up to their heads: its person's others are to have no less. */
  listed(session: OpenSession, conversations: readonly Conversation[]): void;
}

interface OrderDeps {
  readonly bus: Pick<Bus, 'isLocal'>;
  readonly feeder: Pick<Feeder, 'leave' | 'tellLater'>;
  /** Puts messages to the sockets that can take them, and leaves them to the feeds of the rest. */
  readonly handOn: (sessions: Sessions, note: MessagesNote) => void;
}

export function createOrder({ bus, feeder, handOn }: OrderDeps): Order {
  return bus.isLocal ? trust({ feeder, handOn }) : verify({ feeder, handOn });
}

type Deps = Omit<OrderDeps, 'bus'>;

/** In one process notes are all there and in order; nothing has to be remembered. */
function trust({ feeder, handOn }: Deps): Order {
  return {
    messages: (person, note) => handOn(person.sessions, note),
    head(person, conversation) {
      tellHead(feeder, person.sessions, conversation);
      return true;
    },
    known: () => undefined,
    listed() {},
  };
}

function verify({ feeder, handOn }: Deps): Order {
  const handedTo = (person: Person): Handed => (person.handed ??= new Handed());

  /** @param own the last seqs of them that this device sent itself, if it did. */
  function leave(sessions: Sessions, conversation: ConversationId, first: number, last: number, own?: OwnSeqs): void {
    for (const session of sessions) {
      const upTo = session.device === own?.device ? own.first - 1 : last;
      if (first <= upTo) feeder.leave(session, conversation, first, upTo);
    }
  }

  function head(person: Person, conversation: ConversationId, upTo: number): boolean {
    const handed = handedTo(person);
    const known = handed.get(conversation);
    if (known !== undefined && upTo <= known) return false;
    handed.raise(conversation, known, upTo);
    if (!known) tellHead(feeder, person.sessions, conversation);
    if (known !== undefined) leave(person.sessions, conversation, known + 1, upTo);
    return true;
  }

  /** The devices may not have heard that there is such a conversation: they are told of it before its messages. */
  function begin({ sessions }: Person, { conversation, messages, except }: MessagesNote): void {
    const [first, last] = seqsOf(messages);
    tellHead(feeder, sessions, conversation);
    leave(sessions, conversation, 1, last, { device: except, first });
  }

  return {
    head,
    messages(person, note) {
      const { conversation, messages, except } = note;
      const [first, last] = seqsOf(messages);
      const handed = handedTo(person);
      const known = handed.get(conversation);
      if (known !== undefined && last <= known) return;
      handed.raise(conversation, known, last);
      if (known === 0 || first === 1) return begin(person, note);
      // Where it is not known what came before, the device sees a hole if there is one, and fetches it.
      const isNext = (known === undefined || first === known + 1) && last - first === messages.length - 1;
      if (isNext) return handOn(person.sessions, note);
      leave(person.sessions, conversation, (known ?? first - 1) + 1, last, { device: except, first });
    },
    known: (person, conversation) => person.handed?.get(conversation),
    listed(session, conversations) {
      const handed = handedTo(session.person);
      const others = session.person.sessions.filter((other) => other !== session);
      const before = new Map(others.length > 0 ? conversations.map(({ id }) => [id, handed.get(id)]) : []);
      handed.learn(conversations);
      for (const { id, head: upTo } of others.length > 0 ? conversations : []) {
        const known = before.get(id);
        if (known === handed.get(id)) continue;
        if (known === undefined) tellHead(feeder, others, id);
        else leave(others, id, known + 1, upTo);
      }
    },
  };
}

interface OwnSeqs {
  readonly device: OpenSession['device'];
  readonly first: number;
}

function seqsOf(messages: readonly Envelope[]): [first: number, last: number] {
  return [messages[0]?.seq ?? 0, messages.at(-1)?.seq ?? 0];
}

/** The devices compare the conversation's head with what they hold, and fetch what they lack. */
function tellHead(feeder: Pick<Feeder, 'tellLater'>, sessions: Sessions, conversation: ConversationId): void {
  for (const session of sessions) feeder.tellLater(session, conversation);
}

/** Hands what the bus tells to the sockets it concerns. */
import { encodeRelayFrame, ParleyError } from '../../protocol/index.ts';
import type { Note } from '../ports/bus.ts';
import { deviceRevoked } from './device-revoked.ts';
import type { Feeder } from './feeder.ts';
import { createSharedEncoder } from './frames-out.ts';
import { createOrder, type Order } from './order.ts';
import { isAway } from '../runtime/is-away.ts';
import type { Person } from './people.ts';
import type { PresenceBoard } from './presence.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';

/** The same device has connected anew: the older connection is of no use any more. */
export function replace(session: OpenSession): void {
  session.wire.fail(new ParleyError('replaced', { message: 'This device has opened a newer connection.' }));
}

const devicesChanged = encodeRelayFrame({ type: 'devices' });

/** Notes that any session can be told by itself. */
type PlainNote = Exclude<Note, { type: 'messages' | 'head' | 'presence' | 'stale' }>;

type NoteHandlers = {
  [T in PlainNote['type']]: (sessions: readonly OpenSession[], note: Extract<PlainNote, { type: T }>) => void;
};

export interface Delivery {
  readonly order: Order;
  /** A note on the user's own subject. */
  toPerson(person: Person, note: Note): void;
  /** A note on the subject of one device. */
  toDevice(session: OpenSession, note: Note): void;
}

export function createDelivery({ bus, metrics, log }: RelayParts, feeder: Feeder, board: PresenceBoard): Delivery {
  const encode = createSharedEncoder();
  const order = createOrder({ bus, feeder, handOn });

  const handlers: NoteHandlers = {
    cursors(sessions, note) {
      const { conversation, cursors } = note;
      for (const session of sessions) {
        if (!feeder.hasRoom(session)) feeder.tellLater(session, conversation);
        else session.wire.send(encode(note, () => ({ type: 'cursors', conversation, cursors: [...cursors] })));
      }
    },
    conversation(sessions, note) {
      const { conversation, profiles } = note;
      const members = new Set(conversation.cursors.map(({ user }) => user));
      for (const session of sessions) {
        if (!feeder.hasRoom(session)) feeder.tellLater(session, conversation.id);
        else
          session.wire.send(
            encode(note, () => ({ type: 'conversations', conversations: [conversation], profiles: [...profiles] })),
          );
        // Someone it looks at may have become someone it may look at.
        if (session.watching?.asked.some((user) => members.has(user))) void refresh(session);
      }
    },
    signal(sessions, { conversation, user, device, payload }) {
      for (const session of sessions) {
        if (session.device === device || !feeder.hasRoom(session)) continue;
        session.wire.send(encodeRelayFrame({ type: 'signal', conversation, user, device, payload }));
      }
    },
    profile(sessions, { profile }) {
      for (const session of sessions) board.tellProfile(session, profile);
    },
    revoked(sessions, { devices, erase }) {
      for (const session of sessions) {
        if (devices === 'all') session.wire.fail(accountDisabled());
        else if (devices.includes(session.device)) session.wire.fail(erase ? deviceRevoked() : loggedOut());
        else tellOfDevices(session);
      }
    },
    devices: (sessions) => sessions.forEach(tellOfDevices),
    replaced(sessions, { at }) {
      for (const session of sessions) if (session.openedAt < at) replace(session);
    },
  };

  function tellOfDevices(session: OpenSession): void {
    if (!session.hearsOfDevices) return;
    if (feeder.hasRoom(session)) session.wire.send(devicesChanged);
    else feeder.tellLater(session, 'devices');
  }

  async function refresh(session: OpenSession): Promise<void> {
    await board.refresh(session).catch((error: unknown) => {
      if (!isAway(error)) log.warn('presence.failed', { error });
      feeder.tellLater(session, 'people');
    });
  }

  function handOn(sessions: readonly OpenSession[], note: Extract<Note, { type: 'messages' }>): void {
    const { conversation, messages, except } = note;
    const first = messages[0]?.seq ?? 0;
    const last = messages.at(-1)?.seq ?? 0;
    for (const session of sessions) {
      if (session.device === except || !feeder.live(session, conversation, first, last)) continue;
      session.wire.send(encode(note, () => ({ type: 'deliver', conversation, messages: [...messages] })));
      metrics.messagesDelivered(messages.length);
    }
  }

  function handle<T extends PlainNote['type']>(
    sessions: readonly OpenSession[],
    note: Extract<PlainNote, { type: T }>,
  ): void {
    handlers[note.type as T](sessions, note);
  }

  function toPerson(person: Person, note: Note): void {
    if (note.type === 'messages') order.messages(person, note);
    else if (note.type === 'head') order.head(person, note.conversation, note.head);
    else if (isPlain(note)) handle(person.sessions, note);
  }

  return {
    order,
    toPerson,
    toDevice(session, note) {
      if (isPlain(note)) handle([session], note);
    },
  };
}

/** The others are for watchers, for nodes, or are told to persons. */
function isPlain(note: Note): note is PlainNote {
  return note.type !== 'messages' && note.type !== 'head' && note.type !== 'presence' && note.type !== 'stale';
}

function accountDisabled(): ParleyError {
  return new ParleyError('account_disabled', {
    message: 'The admin of the relay has disabled this account. Ask them why.',
  });
}

function loggedOut(): ParleyError {
  return new ParleyError('unauthenticated', { message: 'This device was logged out. Log in again.' });
}

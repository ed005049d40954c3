/** What a person's sessions are given on a note: by what is known of what they had before. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createId,
  type Conversation,
  type ConversationId,
  type DeviceId,
  type Envelope,
  type MessageId,
  type UserId,
} from '../../../protocol/index.ts';
import type { Note } from '../../../signaling-server/ports/bus.ts';
import { createOrder, type Order } from '../../../signaling-server/relay/order.ts';
import type { Person } from '../../../signaling-server/relay/people.ts';
import type { OpenSession } from '../../../signaling-server/relay/session.ts';
import { TokenBucket } from '../../../signaling-server/relay/token-bucket.ts';

/** What happened, as `live 3`, `store 1-2` or `tell`, with the session's number where there are two. */
let done: string[];
let person: Person;
let order: Order;
const conversation = createId<ConversationId>();
const stranger = createId<DeviceId>();

function session(): OpenSession {
  return { device: createId<DeviceId>(), person } as OpenSession;
}

function named(one: OpenSession): string {
  return person.sessions.length > 1 ? ` to ${person.sessions.indexOf(one)}` : '';
}

beforeEach(() => {
  done = [];
  person = {
    user: createId<UserId>(),
    sends: new TokenBucket(1, 0),
    sessions: [],
    handed: null,
    leave() {},
  };
  person.sessions = [session()];
  order = createOrder({
    bus: {},
    feeder: {
      leave: (one, _, first, last) => done.push(`store ${first}-${last}${named(one)}`),
      tellLater: (one) => done.push(`tell${named(one)}`),
    },
    handOn(sessions, { messages, except }) {
      for (const one of sessions) {
        if (one.device !== except) done.push(`live ${messages.map(({ seq }) => seq).join()}${named(one)}`);
      }
    },
  });
});

function note(seqs: number[], except = stranger, id = conversation): Extract<Note, { type: 'messages' }> {
  const messages = seqs.map((seq): Envelope => {
    const ids = { id: createId<MessageId>(), user: person.user, device: except };
    return { seq, ...ids, kind: 'content', time: 1, payload: new Uint8Array() };
  });
  return { type: 'messages', conversation: id, messages, except };
}

function listed(heads: Record<ConversationId, number>, by = person.sessions[0]): void {
  if (!by) throw new Error('There is no session.');
  const conversations = Object.entries(heads).map(([id, head]): Conversation => {
    return { id: id as ConversationId, kind: 'direct', epoch: 0, head, createdAt: 1, activeAt: 1, cursors: [] };
  });
  order.listed(by, conversations);
}

/** What a note brings about. */
function on(...input: Parameters<typeof note>): string[] {
  done = [];
  order.messages(person, note(...input));
  return done;
}

describe('of a conversation whose head was listed', () => {
  beforeEach(() => listed({ [conversation]: 5 }));

  it('the next messages are handed on', () => {
    expect(on([6, 7])).toEqual(['live 6,7']);
    expect(on([8])).toEqual(['live 8']);
  });

  it('what is known is dropped, and of what is known in part the rest comes from the store', () => {
    expect(on([4, 5])).toEqual([]);
    expect(on([5, 6])).toEqual(['store 6-6']);
    expect(on([6])).toEqual([]);
  });

  it('a hole comes from the store, with what made it show', () => {
    expect(on([8])).toEqual(['store 6-8']);
    expect(on([9])).toEqual(['live 9']);
    expect(on([6])).toEqual([]);
  });

  it('a device is not given again what it sent itself', () => {
    const own = person.sessions[0]?.device;
    expect(on([6], own)).toEqual([]);
    expect(on([7])).toEqual(['live 7']);
    expect(on([10, 11], own)).toEqual(['store 8-9']);
    expect(on([12])).toEqual(['live 12']);
  });

  it('a note with a hole within it is no more than a hint', () => {
    expect(on([6, 9])).toEqual(['store 6-9']);
  });

  it('a head that is told brings what lies before it', () => {
    expect(order.head(person, conversation, 5)).toBe(false);
    expect(order.head(person, conversation, 7)).toBe(true);
    expect(order.head(person, conversation, 7)).toBe(false);
    expect(done).toEqual(['store 6-7']);
  });

  it('a session that syncs and is given more has the others given it, too', () => {
    const other = session();
    person.sessions = [...person.sessions, other];
    listed({ [conversation]: 7 }, other);
    expect(done).toEqual(['store 6-7 to 0']);
    expect(on([7])).toEqual([]);
    expect(on([8])).toEqual(['live 8 to 0', 'live 8 to 1']);
  });

  it('a list that was read before the last note takes nothing back', () => {
    on([6]);
    listed({ [conversation]: 5 });
    expect(on([6])).toEqual([]);
    expect(on([7])).toEqual(['live 7']);
  });
});

describe('of a conversation that was in no list', () => {
  it('the devices are told that there is one, then get all from the first message on, when the list had all', () => {
    listed({});
    expect(on([3])).toEqual(['tell', 'store 1-3']);
    expect(on([4])).toEqual(['live 4']);
  });

  it('the devices are told that there is one with its first message, even if nothing was listed', () => {
    expect(on([1, 2])).toEqual(['tell', 'store 1-2']);
    expect(on([3])).toEqual(['live 3']);
  });

  it('a note is handed on when nothing was listed: the device sees for itself whether there is a hole', () => {
    expect(on([3])).toEqual(['live 3']);
    expect(on([5])).toEqual(['store 4-5']);
  });

  it('a head is told when nothing was listed, so that the device asks', () => {
    expect(order.head(person, conversation, 3)).toBe(true);
    expect(order.head(person, conversation, 3)).toBe(false);
    expect(done).toEqual(['tell']);
  });
});

describe('of more conversations than are remembered', () => {
  const many = Array.from({ length: 100 }, () => createId<ConversationId>());

  it('those that were active last are known, the others are left to the device', () => {
    listed(Object.fromEntries(many.map((id) => [id, 5])));
    expect(on([8], stranger, many[0])).toEqual(['store 6-8']);
    expect(on([8], stranger, many[99])).toEqual(['live 8']);
  });

  it('those that were heard of last are known', () => {
    listed({});
    for (const id of many) on([1], stranger, id);
    expect(on([3], stranger, many[99])).toEqual(['store 2-3']);
    expect(on([3], stranger, many[0])).toEqual(['live 3']);
    expect(on([3], stranger)).toEqual(['live 3']);
  });
});

describe('in one process', () => {
  it('notes are handed on as they come, and nothing is remembered', () => {
    const live: number[] = [];
    const trusting = createOrder({
      bus: { isLocal: true },
      feeder: { leave: () => live.push(-1), tellLater: () => live.push(0) },
      handOn: (_, { messages }) => live.push(...messages.map(({ seq }) => seq)),
    });
    trusting.messages(person, note([7]));
    trusting.messages(person, note([5]));
    expect(live).toEqual([7, 5]);
    expect(person.handed).toBeNull();
  });
});

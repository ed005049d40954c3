/** Worlds to show: from nobody logged in to 3,000 conversations and one of 5,000 messages. */
import { messageViewSchema, type ConversationView, type MessageView, type PersonView } from '../../../bridge/views.ts';
import { dialogue, names, thousandLines, usernames } from './scripted-content.ts';
import { bubbleMessages } from './scenes-bubbles.ts';
import { fileWorld } from './scenes-files.ts';
import { changeMessages } from './scenes-changes.ts';
import { unchanged } from './scripted-changes.ts';
import { brand, emptyConversation, makeId, type World } from './scripted-engine.ts';

const minute = 60_000;
const hour = 60 * minute;
const me: PersonView = { id: brand(makeId(1, 4_000)), username: 'mira', displayName: 'Mira Okafor' };

export function personOf(index: number): PersonView {
  const lap = Math.floor(index / names.length);
  const name = names[index % names.length] ?? 'Somebody';
  const username = usernames[index % usernames.length] ?? 'somebody';
  return {
    id: brand(makeId(1, index + 1)),
    username: lap === 0 ? username : `${username}${lap}`,
    displayName: lap === 0 ? name : `${name} ${lap + 1}`,
  };
}

export function conversationIdOf(index: number): ConversationView['id'] {
  return brand(makeId(2, index + 1));
}

interface Spoken {
  readonly own: boolean;
  readonly text: string | null;
  readonly time: number;
  readonly state?: MessageView['state'];
}

function conversationOf(
  world: World,
  index: number,
  spoken: readonly Spoken[],
  changes: Partial<ConversationView>,
): void {
  const peer = personOf(index);
  const id = conversationIdOf(index);
  const messages = spoken.map(({ own, text, time, state }, at) =>
    messageViewSchema.parse({
      id: makeId(3, index * 100_000 + at + 1),
      conversation: id,
      order: at + 1,
      seq: at + 1,
      sender: own ? me : peer,
      own,
      time,
      content: text === null ? { kind: 'unsupported' } : { kind: 'text', text, replyTo: null },
      state: state ?? (own ? 'read' : 'received'),
      failure: null,
      ...unchanged,
    }),
  );
  const last = messages.at(-1);
  const text = last?.content.kind === 'text' ? last.content.text.replace(/\s+/g, ' ').slice(0, 140) : '';
  world.conversations.set(id, {
    ...emptyConversation(id, peer),
    preview: last ? { text, kind: last.content.kind, media: null, own: last.own, state: last.state } : null,
    activeAt: last?.time ?? Date.now(),
    head: messages.length,
    readSeq: messages.length,
    ...changes,
  });
  world.messages.set(id, messages);
  world.people.push(peer);
}

function blank(): World {
  return {
    me,
    people: [],
    conversations: new Map(),
    messages: new Map(),
    session: {
      state: 'signed-in',
      account: { ...me, email: 'mira@example.org', phone: null },
      device: brand(makeId(9, 1)),
      relay: { address: 'https://relay.example.org', name: 'Hallway relay', directory: true },
    },
    connection: { state: 'online' },
    devices: [],
    online: new Set(),
    relay: {
      address: 'https://relay.example.org',
      id: brand(makeId(8, 1)),
      name: 'Hallway relay',
      version: '0.1.0',
      registration: 'open',
      directory: true,
      secure: true,
    },
    failing: new Map(),
    latencyMs: 0,
    accepting: true,
  };
}

function spokenUntil(now: number, count: number): Spoken[] {
  return Array.from({ length: count }, (_, at) => {
    const [own, text] = dialogue[at % dialogue.length] ?? [false, ''];
    return { own, text, time: now - (count - at) * 7 * minute - Math.floor((count - at) / 6) * 2 * hour };
  });
}

function addMain(world: World, now: number): void {
  const spoken = dialogue.map(([own, text], at) => {
    const back = dialogue.length - at;
    return { own, text, time: now - back * 2 * minute - (back > 9 ? 26 * hour : 0) };
  });
  conversationOf(world, 0, [...spoken, { own: false, text: null, time: now - minute }], {});
}

/** Sixteen conversations as an ordinary person has them. */
function everyday(now: number): World {
  const world = blank();
  addMain(world, now);
  const ages = [12 * minute, 2 * hour, 5 * hour, 26 * hour, 30 * hour, 3 * 24 * hour, 4 * 24 * hour, 6 * 24 * hour];
  for (let index = 1; index < names.length; index++) {
    const age = ages[index - 1] ?? index * 20 * 24 * hour;
    const spoken = spokenUntil(now - age, 4 + ((index * 5) % 15));
    conversationOf(world, index, spoken, { unread: 0 });
  }
  const set = (index: number, changes: Partial<ConversationView>): void => {
    const id = conversationIdOf(index);
    const known = world.conversations.get(id);
    if (known) world.conversations.set(id, { ...known, ...changes });
  };
  set(1, { unread: 3, readSeq: 6 });
  set(2, { draft: 'سأرسل لك الصور غدًا' });
  set(3, {
    failed: 1,
    preview: { text: 'Can you open the door at eight?', kind: 'text', media: null, own: true, state: 'failed' },
  });
  set(4, { unread: 128, readSeq: 2 });
  set(5, { preview: { text: 'On my way', kind: 'text', media: null, own: true, state: 'queued' } });
  set(6, {
    preview: {
      text: 'I left the keys under the blue flowerpot, the one without flowers',
      kind: 'text',
      media: null,
      own: true,
      state: 'sent',
    },
  });
  set(7, { preview: { text: 'תודה רבה!', kind: 'text', media: null, own: true, state: 'delivered' } });
  set(8, { preview: { text: '', kind: 'unsupported', media: null, own: false, state: 'received' } });
  world.people.push(...Array.from({ length: 30 }, (_, index) => personOf(index + 40)));
  for (const index of [0, 2, 5, 9, 41]) world.online.add(personOf(index).id);
  world.devices = [
    {
      id: brand(makeId(9, 1)),
      name: 'mira-laptop',
      platform: 'linux',
      createdAt: now - 90 * 24 * hour,
      lastActiveAt: now,
      current: true,
    },
    {
      id: brand(makeId(9, 2)),
      name: 'Mira’s desktop in the workshop behind the house',
      platform: 'win32',
      createdAt: now - 400 * 24 * hour,
      lastActiveAt: now - 26 * hour,
      current: false,
    },
    {
      id: brand(makeId(9, 3)),
      name: 'old macbook',
      platform: 'darwin',
      createdAt: now - 900 * 24 * hour,
      lastActiveAt: now - 200 * 24 * hour,
      current: false,
    },
  ];
  return world;
}

function signedOut(reason: 'never' | 'revoked'): World {
  const world = blank();
  const known = reason === 'revoked';
  world.session = {
    state: 'signed-out',
    reason,
    address: known ? 'https://relay.example.org' : null,
    username: known ? 'mira' : null,
    waiting: known ? 3 : 0,
  };
  return world;
}

/** Every state of an own message, a very long one, replies. */
function states(now: number): World {
  const world = everyday(now);
  const id = conversationIdOf(20);
  const states = ['read', 'delivered', 'sent', 'queued', 'failed'] as const;
  const own = states.map((state, at) => ({
    own: true,
    text: `This one is ${state}.`,
    time: now - (9 - at) * minute,
    state,
  }));
  const spoken = [
    { own: false, text: thousandLines, time: now - 30 * minute },
    {
      own: true,
      text: `A wall of words. ${'It goes on and on without a break, as some people write. '.repeat(70)}`,
      time: now - 20 * minute,
    },
    { own: false, text: '<b>not bold</b> & <img src=x onerror=alert(1)>', time: now - 12 * minute },
    ...own,
  ];
  conversationOf(world, 20, spoken, { failed: 1 });
  const messages = world.messages.get(id) ?? [];
  const failed = messages.at(-1);
  const queued = messages.at(-2);
  const first = messages[2];
  const answer = messages[4];
  if (!failed || !queued || !first || !answer) return world;
  Object.assign(queued, { seq: null, order: 1e12 });
  Object.assign(failed, {
    seq: null,
    order: 1e12 + 1,
    failure: { code: 'storage_full', message: 'the relay is full.', retryable: true },
  });
  Object.assign(answer, {
    content: {
      kind: 'text',
      text: 'Markup stays text.',
      replyTo: {
        id: first.id,
        sender: first.sender,
        excerpt: '<b>not bold</b> & <img src=x onerror=alert(1)>',
        media: null,
        deleted: false,
      },
    },
  });
  return world;
}

/** Files in every state, in many conversations, and what they take on disk. */
function files(now: number): World {
  const world = everyday(now);
  const talks = [0, 1, 2, 3, 6, 9].map((index) => ({ id: conversationIdOf(index), peer: personOf(index) }));
  return fileWorld(world, me, talks, now);
}

/** Every kind of file in every state, in the first conversation. */
function bubbles(now: number): World {
  const world = everyday(now);
  const id = conversationIdOf(0);
  const conversation = world.conversations.get(id);
  if (!conversation) return world;
  const messages = bubbleMessages(conversation, me, now);
  world.messages.set(id, messages);
  world.conversations.set(id, { ...conversation, activeAt: now, head: messages.length, readSeq: messages.length });
  return world;
}

/** Edited and deleted messages, reactions, changes that wait and that failed, in the first conversation. */
function changes(now: number): World {
  const world = everyday(now);
  const id = conversationIdOf(0);
  const peer = personOf(0);
  world.messages.set(id, changeMessages(world.messages.get(id) ?? [], me, peer));
  const gone = { text: '', kind: 'deleted', media: null, own: false, state: 'received' } as const;
  const other = world.conversations.get(conversationIdOf(1));
  if (other) world.conversations.set(other.id, { ...other, preview: gone });
  return world;
}

function many(now: number): World {
  const world = blank();
  for (let index = 0; index < 3_000; index++) {
    conversationOf(world, index, spokenUntil(now - index * 11 * minute, 3), {
      unread: index % 17 === 3 ? index % 40 : 0,
    });
  }
  for (let index = 0; index < 3_000; index += 5) world.online.add(personOf(index).id);
  return world;
}

function long(now: number): World {
  const world = everyday(now);
  conversationOf(world, 30, spokenUntil(now, 5_000), {});
  conversationOf(world, 31, spokenUntil(now - minute, 400), { unread: 100, readSeq: 300 });
  return world;
}

/** Pinned and muted conversations, and notes to self. */
function kept(now: number): World {
  const world = everyday(now);
  const set = (index: number, changes: Partial<ConversationView>): void => {
    const id = conversationIdOf(index);
    const known = world.conversations.get(id);
    if (known) world.conversations.set(id, { ...known, ...changes });
  };
  const preview = {
    text: 'Boat licence: ask Lea for the form',
    kind: 'text',
    media: null,
    own: true,
    state: 'read',
  } as const;
  const id = conversationIdOf(70);
  const notes = { title: 'Notes to self', notes: true, pinnedAt: now - hour, activeAt: now - 3 * hour, preview };
  world.conversations.set(id, { ...emptyConversation(id, me), ...notes });
  world.messages.set(id, []);
  set(9, { pinnedAt: now - 2 * hour });
  set(1, { pinnedAt: now - minute, unread: 3 });
  set(4, { muted: true });
  set(6, { muted: true, mutedUntil: now + 3 * hour, pinnedAt: now - 3 * hour });
  return world;
}

export const scenes = {
  welcome: () => signedOut('never'),
  revoked: () => signedOut('revoked'),
  empty: () => blank(),
  everyday: () => everyday(Date.now()),
  states: () => states(Date.now()),
  files: () => files(Date.now()),
  changes: () => changes(Date.now()),
  kept: () => kept(Date.now()),
  bubbles: () => bubbles(Date.now()),
  many: () => many(Date.now()),
  long: () => long(Date.now()),
} satisfies Record<string, () => World>;
export type SceneName = keyof typeof scenes;

export function isScene(name: string): name is SceneName {
  return Object.hasOwn(scenes, name);
}

/** Files for the page harness: albums, voices and papers over months, transfers in every state, storage. */
import type { MediaItemView, TransferView } from '../../../bridge/media-views.ts';
import type { ConversationView, MessageView, PersonView } from '../../../bridge/views.ts';
import { unchanged } from './scripted-changes.ts';
import { brand, makeId, summaryOf, type World } from './scripted-engine.ts';

const day = 24 * 60 * 60_000;

interface Talk {
  readonly id: ConversationView['id'];
  readonly peer: PersonView;
}

/** A made-up picture: sky, sun and hills in colours that go with `seed`. */
function drawn(seed: number, width: number, height: number): string {
  const hue = (seed * 47) % 360;
  const sun = 20 + ((seed * 31) % 60);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" preserveAspectRatio="none" width="${width / 8}" height="${height / 8}">
    <linearGradient id="g" x2="0" y2="1"><stop stop-color="hsl(${hue} 60% 72%)"/><stop offset="1" stop-color="hsl(${hue + 40} 70% 88%)"/></linearGradient>
    <rect width="100" height="100" fill="url(#g)"/><circle cx="${sun}" cy="34" r="11" fill="hsl(${hue + 60} 90% 92%)"/>
    <path d="M0 70 Q ${sun} ${40 + (seed % 20)} 60 72 T 100 62 V 100 H 0 Z" fill="hsl(${hue + 90} 28% 46%)"/>
    <path d="M0 84 Q 40 ${60 + (seed % 15)} 100 82 V 100 H 0 Z" fill="hsl(${hue + 110} 34% 32%)"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function item(place: number, changes: Partial<MediaItemView>): MediaItemView {
  return {
    ...{ item: place, kind: 'file', name: 'notes.txt', type: '', bytes: 84_000, width: null, height: null },
    ...{ durationMs: null, thumbnail: null, waveform: null, dangerous: false, held: true, transfer: null },
    ...changes,
  };
}

function picture(place: number, seed: number): MediaItemView {
  const [width, height] = (
    [
      [1_600, 1_200],
      [900, 1_600],
      [2_400, 1_000],
    ] as const
  )[seed % 3] ?? [800, 800];
  const name = `IMG_${2_000 + seed}.jpg`;
  return item(place, {
    ...{ kind: 'picture', name, type: 'image/jpeg', bytes: 700_000 + seed * 10_000, width, height },
    ...{ thumbnail: drawn(seed, width, height), held: seed % 7 !== 3 },
  });
}

function video(place: number, seed: number): MediaItemView {
  const still = picture(place, seed);
  return { ...still, kind: 'video', name: `clip ${seed}.mp4`, type: 'video/mp4', durationMs: 12_000 + seed * 9_000 };
}

function voice(seed: number): MediaItemView {
  const waveform = Array.from({ length: 96 }, (_, at) => Math.abs(Math.sin(at * 0.37 + seed) * Math.sin(at * 0.11)));
  const durationMs = 3_000 + ((seed * 17) % 90) * 1_000;
  return item(0, {
    kind: 'voice',
    name: 'voice.webm',
    type: 'audio/webm',
    bytes: durationMs * 4,
    durationMs,
    waveform,
  });
}

const papers: readonly Partial<MediaItemView>[] = [
  { name: 'Minutes of the general assembly.pdf', type: 'application/pdf', bytes: 412_000 },
  { name: 'sheet music – all voices, corrected again, final (2).zip', bytes: 48_300_000, held: false },
  { name: 'قائمة الأعضاء.xlsx', bytes: 92_000 },
  { name: 'setup-parley-relay.exe', bytes: 88_000_000, dangerous: true },
  { name: 'Ave verum corpus.mp3', kind: 'audio', type: 'audio/mpeg', bytes: 7_400_000, durationMs: 245_000 },
  { name: 'relay.toml', bytes: 812 },
];

interface Sent {
  readonly back: number;
  readonly own: boolean;
  readonly text: string;
  readonly items: MediaItemView[];
}

function sentFiles(): Sent[] {
  const albums = Array.from({ length: 34 }, (_, at): Sent => {
    const count = [1, 3, 2, 5][at % 4] ?? 1;
    const items = Array.from({ length: count }, (_, place) => picture(place, at * 5 + place));
    if (at % 6 === 2) items[0] = video(0, at);
    return {
      back: at * 9 * day + day,
      own: at % 3 === 0,
      text: at % 5 === 0 ? 'From the hill behind the house' : '',
      items,
    };
  });
  const voices = Array.from({ length: 9 }, (_, at): Sent => {
    return { back: at * 6 * day + day / 2, own: at % 2 === 0, text: '', items: [voice(at)] };
  });
  const files = papers.map((paper, at): Sent => {
    return { back: at * 12 * day + day / 3, own: at % 2 === 1, text: '', items: [item(0, paper)] };
  });
  return [...albums, ...voices, ...files].sort((a, b) => b.back - a.back);
}

function messageOf(
  talk: Talk,
  me: PersonView,
  { back, own, text, items }: Sent,
  order: number,
  now: number,
): MessageView {
  return {
    ...{ id: brand(makeId(4, order)), conversation: talk.id, order, seq: order, sender: own ? me : talk.peer, own },
    ...{ time: now - back, content: { kind: 'media', items, text, replyTo: null } },
    ...{ state: own ? 'read' : 'received', failure: null },
    ...unchanged,
  };
}

/** @param known a message that is there, for the first of them */
function transfers(talks: readonly Talk[], known: MessageView['id'], now: number): TransferView[] {
  const of = (at: number): Talk => talks[at % talks.length] ?? { id: brand(makeId(2, 1)), peer: papersOwner };
  const made = (at: number, changes: Partial<TransferView>): TransferView => ({
    ref: { conversation: of(at).id, message: at === 0 ? known : brand(makeId(3, 100 - at)), item: 0 },
    ...{ direction: 'in', name: 'file', kind: 'file', state: 'active', done: 0, bytes: 1, bytesPerSecond: null },
    ...{ msLeft: null, path: null, waitingFor: [], fault: null, updatedAt: now - at * 60_000 },
    ...changes,
  });
  const fault = {
    code: 'quota_exceeded',
    message: 'Your files on the relay take all of your 2 GB. Delete some, or ask the admin for more.',
  };
  const moving = { done: 312_000_000, bytes: 1_400_000_000, bytesPerSecond: 11_300_000, msLeft: 96_000 };
  return [
    made(0, {
      direction: 'out',
      name: 'concert in the old church, all of it.mp4',
      kind: 'video',
      path: 'direct',
      ...moving,
    }),
    made(1, {
      name: 'IMG_2041.jpg',
      kind: 'picture',
      done: 3_100_000,
      bytes: 4_200_000,
      bytesPerSecond: 850_000,
      msLeft: 2_000,
      path: 'relay',
    }),
    made(2, {
      name: 'قائمة الأعضاء النهائية.xlsx',
      done: 40_000_000,
      bytes: 64_000_000,
      bytesPerSecond: 420_000,
      msLeft: 58_000,
      path: 'turn',
    }),
    made(3, {
      direction: 'out',
      name: 'disk image of the hallway relay.tar.gz',
      state: 'preparing',
      done: 90_000_000,
      bytes: 2_100_000_000,
    }),
    made(4, {
      direction: 'out',
      name: 'Donaudampfschifffahrtsgesellschaftskapitän_Personalakte_vollständig.pdf',
      state: 'waiting',
      done: 20_000_000,
      bytes: 640_000_000,
      waitingFor: [of(4).peer],
    }),
    made(5, { name: 'rehearsal.wav', kind: 'audio', state: 'paused', done: 31_000_000, bytes: 48_000_000 }),
    made(6, { direction: 'out', name: 'holiday.zip', state: 'failed', bytes: 900_000_000, done: 1_000_000, fault }),
    made(7, { name: 'voice.webm', kind: 'voice', state: 'done', done: 64_000, bytes: 64_000, path: 'relay' }),
    made(8, {
      direction: 'out',
      name: 'Minutes of the general assembly.pdf',
      state: 'done',
      done: 412_000,
      bytes: 412_000,
      path: 'direct',
    }),
    made(9, { name: 'relay.toml', state: 'cancelled', bytes: 812 }),
  ];
}
const papersOwner: PersonView = { id: brand(makeId(1, 1)), username: 'anna', displayName: 'Anna' };

const previews: readonly Partial<MediaItemView>[][] = [
  [{ kind: 'picture' }],
  [{ kind: 'voice', durationMs: 42_000 }],
  [{ kind: 'picture' }, { kind: 'picture' }, { kind: 'picture' }],
  [{ kind: 'video', durationMs: 83_000 }],
  [{ kind: 'file', name: 'sheet music – all voices, corrected again, final (2).zip' }],
  [{ kind: 'file', name: 'setup.exe' }, { kind: 'picture' }],
];

/** Gives the conversations files, previews and transfers. */
export function fileWorld(world: World, me: PersonView, talks: readonly Talk[], now: number): World {
  const [first] = talks;
  if (!first) return world;
  const messages = sentFiles().map((sent, at) => messageOf(first, me, sent, at + 1, now));
  world.messages.set(first.id, messages);
  const sizes = [2_840_000_000, 412_000_000, 96_000_000, 1_204_000_000, 3_100_000, 44_000];
  talks.forEach(({ id }, at) => {
    const known = world.conversations.get(id);
    const media = summaryOf((previews[at] ?? []).map((changes, place) => item(place, changes)));
    const text = at === 2 ? 'From the hill behind the house' : '';
    const preview = {
      text,
      kind: 'media' as const,
      media,
      own: at === 1,
      state: at === 1 ? ('read' as const) : ('received' as const),
    };
    const head = at === 0 ? { head: messages.length, readSeq: messages.length } : {};
    if (known) world.conversations.set(id, { ...known, preview, draft: null, failed: 0, ...head });
  });
  const conversations = talks.map(({ id, peer }, at) => {
    return { conversation: id, title: peer.displayName, bytes: sizes[at] ?? 0, files: at === 5 ? 1 : 1_204 - at * 190 };
  });
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  world.files = {
    transfers: transfers(talks, messages[9]?.id ?? brand(makeId(4, 1)), now),
    usage: { totalBytes, freeBytes: 84_000_000_000, conversations },
  };
  return world;
}

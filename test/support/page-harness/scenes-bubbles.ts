/** Every kind of file in every state as bubbles of one conversation, for the page harness. */
import type { MediaItemView, MediaRef, TransferView } from '../../../bridge/media-views.ts';
import type { ConversationView, MessageView, PersonView } from '../../../bridge/views.ts';
import { filmBytes, pictureBytes, thumbnailOf, toneBytes, type MadeMedia } from './made-media.ts';
import { unchanged } from './scripted-changes.ts';
import { brand, makeId, summaryOf, type World } from './scripted-engine.ts';

interface Spoken {
  readonly own: boolean;
  readonly text?: string;
  readonly items: MediaItemView[];
  readonly state?: MessageView['state'];
  readonly seq?: null;
  readonly failure?: MessageView['failure'];
}

type Travel = Partial<TransferView>;

/** A file with its transfer; the seed is told by its name, so that its bytes can be made when they are asked for. */
function item(place: number, changes: Partial<MediaItemView>, travel: Travel | null = null): MediaItemView {
  const made: MediaItemView = {
    ...{ item: place, kind: 'file', name: 'notes.txt', type: '', bytes: 84_000, width: null, height: null },
    ...{ durationMs: null, thumbnail: null, waveform: null, dangerous: false, held: travel?.direction !== 'in' },
    transfer: null,
    ...changes,
  };
  if (!travel) return made;
  const transfer: TransferView = {
    ref: { conversation: brand(makeId(2, 0)), message: brand(makeId(3, 0)), item: place },
    ...{ direction: 'in', name: made.name, kind: made.kind, state: 'active', done: 0, bytes: made.bytes },
    ...{ bytesPerSecond: null, msLeft: null, path: null, waitingFor: [], fault: null, updatedAt: 0 },
    ...travel,
  };
  return { ...made, transfer };
}

function picture(place: number, seed: number, width: number, height: number, travel: Travel | null = null) {
  const thumbnail = thumbnailOf(seed, width, height);
  const name = `IMG_${2_000 + seed}.jpg`;
  return item(place, { kind: 'picture', name, type: 'image/jpeg', bytes: 2_140_000, width, height, thumbnail }, travel);
}

function video(place: number, seed: number, width: number, height: number, travel: Travel | null = null) {
  const still = picture(place, seed, width, height, travel);
  const name = `clip ${2_000 + seed}.mp4`;
  const film = { kind: 'video' as const, name, type: 'video/mp4', durationMs: 3_000, bytes: 14_800_000 };
  return { ...still, ...film, transfer: still.transfer && { ...still.transfer, bytes: film.bytes } };
}

function voice(seed: number, changes: Partial<MediaItemView> = {}, travel: Travel | null = null) {
  const waveform = Array.from({ length: 96 }, (_, at) =>
    Math.abs(Math.sin(at * 0.37 + seed) * Math.sin(at * 0.11 + seed)),
  );
  const durationMs = 2_000 + (seed % 7) * 1_000;
  const name = `voice ${2_000 + seed}.webm`;
  return item(0, { kind: 'voice', name, type: 'audio/wav', bytes: 48_000, durationMs, waveform, ...changes }, travel);
}

const shapes = [
  [1_600, 1_200],
  [900, 1_600],
  [1_600, 1_067],
  [1_080, 1_080],
  [2_400, 1_000],
  [1_200, 1_600],
] as const;

function album(count: number, first: number): MediaItemView[] {
  return Array.from({ length: count }, (_, place) => {
    const [width, height] = shapes[(first + place) % shapes.length] ?? [800, 600];
    return picture(place, first * 3 + place, width, height);
  });
}

function spoken(peer: PersonView): Spoken[] {
  const quota = {
    code: 'quota_exceeded',
    message: 'Your files on the relay take all of your 2 GB. Delete some, or ask the admin for more.',
  };
  return [
    { own: false, items: [picture(0, 1, 1_600, 1_067)] },
    { own: true, items: [picture(0, 2, 1_200, 1_600)] },
    {
      own: false,
      text: 'The whole valley from the tower, on the only clear day of the month.',
      items: [picture(0, 3, 6_000, 1_100)],
    },
    { own: false, items: [picture(0, 4, 500, 3_000)] },
    { own: true, items: [picture(0, 5, 48, 48)] },
    { own: false, items: album(2, 0) },
    { own: true, items: album(3, 1), text: 'Three from the way up' },
    { own: false, items: album(4, 3) },
    { own: true, items: album(5, 2) },
    { own: false, items: album(7, 4), text: 'من المشي في الجبال يوم السبت، كان الطقس رائعًا والطريق أطول مما ظننا.' },
    { own: true, items: album(10, 1) },
    { own: false, items: [picture(0, 11, 1_600, 1_200, { direction: 'in', state: 'cancelled' })] },
    { own: false, items: [picture(0, 12, 1_600, 1_200, { direction: 'in', done: 900_000 })] },
    {
      own: true,
      items: [picture(0, 13, 1_600, 1_200, { direction: 'out', state: 'waiting', waitingFor: [peer] })],
      state: 'sent',
    },
    {
      own: true,
      items: [picture(0, 14, 1_200, 1_600, { direction: 'out', state: 'failed', fault: quota })],
      state: 'sent',
    },
    { own: false, items: [picture(0, 15, 900, 1_200, { direction: 'in', state: 'paused', done: 1_400_000 })] },
    {
      own: false,
      items: album(4, 5).map((one, place) => ({
        ...one,
        held: place === 1,
        transfer: place === 0 || place === 3 ? item(place, one, { direction: 'in', done: 800_000 }).transfer : null,
      })),
    },
    { own: false, items: [video(0, 21, 1_280, 720)] },
    {
      own: true,
      items: [video(0, 22, 720, 1_280, { direction: 'out', done: 6_200_000 })],
      text: 'Sunrise, three seconds of it',
    },
    {
      own: false,
      items: [video(0, 23, 1_280, 720, { direction: 'in', state: 'waiting', waitingFor: [peer], done: 3_000_000 })],
    },
    { own: false, items: [...album(2, 0), video(2, 24, 1_280, 720)] },
    { own: false, items: [voice(31)] },
    { own: true, items: [voice(33)] },
    { own: false, items: [voice(32, { held: false })] },
    { own: false, items: [voice(34, {}, { direction: 'in', done: 20_000 })] },
    {
      own: true,
      items: [
        item(0, {
          kind: 'audio',
          name: 'Ave verum corpus, all four voices 2035.mp3',
          type: 'audio/mpeg',
          bytes: 7_400_000,
          durationMs: 5_000,
        }),
      ],
    },
    {
      own: false,
      items: [
        item(0, {
          name: 'Minutes of the general assembly, corrected version of 4 March (final, really).pdf',
          bytes: 412_000,
        }),
      ],
    },
    { own: true, items: [item(0, { name: 'قائمة الأعضاء النهائية.xlsx', bytes: 92_000 })] },
    { own: false, items: [item(0, { name: 'setup-parley-relay.exe', bytes: 88_000_000, dangerous: true })] },
    {
      own: false,
      text: 'Everything for the concert',
      items: [
        item(0, { name: 'sheet music.zip', bytes: 48_300_000 }, { direction: 'in', state: 'cancelled' }),
        item(1, { name: 'recording of the rehearsal.flac', bytes: 148_300_000 }, { direction: 'in', done: 61_000_000 }),
        item(2, { name: 'seats.csv', bytes: 3_100 }),
      ],
    },
    {
      own: true,
      items: [
        item(0, { name: 'holiday.tar.gz', bytes: 2_900_000_000 }, { direction: 'out', state: 'failed', fault: quota }),
      ],
      state: 'sent',
    },
    {
      own: true,
      items: [
        item(0, { name: 'plans.dwg', bytes: 29_000_000 }, { direction: 'out', state: 'preparing', done: 9_000_000 }),
      ],
      state: 'queued',
      seq: null,
    },
    {
      own: true,
      items: album(3, 0).map((one, place) =>
        item(place, one, { direction: 'out', state: 'preparing', done: place === 0 ? 1_000_000 : 0 }),
      ),
      state: 'queued',
      seq: null,
    },
    {
      own: true,
      items: [picture(0, 41, 1_600, 1_067)],
      text: 'For the front page',
      state: 'failed',
      seq: null,
      failure: { code: 'file_unreadable', message: 'IMG_2041.jpg is not there any more.', retryable: true },
    },
  ];
}

/** @returns the messages of the conversation, which the caller puts into the world */
export function bubbleMessages(conversation: ConversationView, me: PersonView, now: number): MessageView[] {
  const peer = conversation.peer ?? me;
  const all = spoken(peer);
  const messages = all.map(({ own, text = '', items, state, seq, failure }, at): MessageView => {
    const id = brand<MessageView['id']>(makeId(7, at + 1));
    const placed = items.map((one) => ({
      ...one,
      transfer: one.transfer && {
        ...one.transfer,
        ref: { conversation: conversation.id, message: id, item: one.item },
      },
    }));
    return {
      ...{
        id,
        conversation: conversation.id,
        order: seq === null ? 1e12 + at : at + 1,
        seq: seq === null ? null : at + 1,
      },
      ...{ sender: own ? me : peer, own, time: now - (all.length - at) * 4 * 60_000 },
      content: { kind: 'media', items: placed, text, replyTo: null },
      state: state ?? (own ? 'read' : 'received'),
      failure: failure ?? null,
      ...unchanged,
    };
  });
  return withReply(messages);
}

/** The third answers the first. */
function withReply(messages: MessageView[]): MessageView[] {
  const [first, , third] = messages;
  if (first?.content.kind !== 'media' || third?.content.kind !== 'media') return messages;
  const quote = {
    id: first.id,
    sender: first.sender,
    excerpt: '',
    media: summaryOf(first.content.items),
    deleted: false,
  };
  return messages.with(2, { ...third, content: { ...third.content, replyTo: quote } });
}

/** What the engine would give out as the file. @returns null for one that is not here */
export async function bytesOf(
  world: World,
  { conversation, message, item: place }: MediaRef,
): Promise<MadeMedia | null> {
  const found = world.messages.get(conversation)?.find(({ id }) => id === message)?.content;
  const media = found?.kind === 'media' ? found.items.find((one) => one.item === place) : undefined;
  if (!media) return null;
  const seed = Number(/\d{4}/.exec(media.name)?.[0] ?? 2_000) - 2_000;
  const { width, height, durationMs } = media;
  if (media.kind === 'picture') return pictureBytes(seed, width ?? 800, height ?? 600);
  if (media.kind === 'video') return filmBytes(seed, (width ?? 640) / 2, (height ?? 360) / 2, durationMs ?? 3_000);
  return media.kind === 'file' ? null : toneBytes(seed, durationMs ?? 2_000);
}

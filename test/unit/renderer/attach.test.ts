/** Choosing files: what each may be, what fits, what is said before sending, and that nothing chosen is lost. */
import { describe, expect, it } from 'vitest';
import type { SendLimits } from '../../../bridge/media-views.ts';
import { limits, ParleyError } from '../../../bridge/text-rules.ts';
import { isAnimated } from '../../../renderer/app/attach/animation.ts';
import { detailWords, titleWords } from '../../../renderer/app/attach/attach-words.ts';
import { Attachments, type FileWork } from '../../../renderer/app/attach/attachments.svelte.ts';
import { folderWords, isMeantAsText } from '../../../renderer/app/attach/dropped-files.ts';
import { kindToTry, mediaName, mediaType, withEnding } from '../../../renderer/app/attach/file-kind.ts';
import { canUnpack, fitWithin } from '../../../renderer/app/attach/fit.ts';
import { judgeSize } from '../../../renderer/app/attach/limit-words.ts';
import { PictureChoice } from '../../../renderer/app/attach/picture-choice.svelte.ts';
import { isOnlyFile, type Reading } from '../../../renderer/app/attach/reading.ts';
import { intoMessages, messagesWords, moved } from '../../../renderer/app/attach/send-plan.ts';
import { stageBytes } from '../../../renderer/app/attach/stage-bytes.ts';
import { thumbnailBudget } from '../../../renderer/app/attach/thumbnail-budget.ts';
import { waveformOf } from '../../../renderer/app/attach/waveform.ts';
import { Composer } from '../../../renderer/app/composer/composer.svelte.ts';
import { HandEngine, message, room } from './made-up.ts';

describe('what a file may be', () => {
  it('tries pictures, films and sound by their type, and never SVG', () => {
    const types = [
      'image/jpeg',
      'IMAGE/PNG',
      'video/mp4',
      'audio/flac',
      'image/svg+xml',
      'image/heic',
      'text/html',
      '',
    ];
    const kinds = ['picture', 'picture', 'video', 'audio', 'file', 'file', 'file', 'file'];
    expect(types.map(kindToTry)).toEqual(kinds);
  });

  it('keeps the ending of a name that is too long, and never half a character', () => {
    expect(mediaName('a'.repeat(300) + '.tar.gz', 255)).toBe('a'.repeat(252) + '.gz');
    expect(mediaName('😀'.repeat(150), 255)).toBe('😀'.repeat(127));
    expect(mediaName('', 255)).toBe('File');
  });

  it('names types that messages can carry', () => {
    expect(mediaType('')).toBe('application/octet-stream');
    expect(mediaType('x/' + 'y'.repeat(200))).toBe('application/octet-stream');
    expect(mediaType('Image/JPEG')).toBe('image/jpeg');
  });

  it('gives a picture of another form its ending', () => {
    expect(withEnding('holiday.PNG', 'jpg')).toBe('holiday.jpg');
    expect(withEnding('.png', 'jpg')).toBe('Picture.jpg');
    expect(withEnding('noending', 'webp')).toBe('noending.webp');
  });
});

describe('sizes of pictures', () => {
  it('fit the longer edge, keep the form, never grow and never vanish', () => {
    expect(fitWithin({ width: 4000, height: 3000 }, 2048)).toEqual({ width: 2048, height: 1536 });
    expect(fitWithin({ width: 300, height: 400 }, 2048)).toEqual({ width: 300, height: 400 });
    expect(fitWithin({ width: 30_000, height: 3 }, 320)).toEqual({ width: 320, height: 1 });
  });

  it('that would fill the memory are not unpacked', () => {
    expect(canUnpack({ width: 12_000, height: 9_000 })).toBe(true);
    expect(canUnpack({ width: 30_000, height: 30_000 })).toBe(false);
    expect(canUnpack({ width: 60_000, height: 2 })).toBe(false);
    expect(canUnpack({ width: 0, height: 2 })).toBe(false);
  });
});

describe('a picture that moves', () => {
  const bytes = (text: string, length = 64): Uint8Array =>
    Uint8Array.from({ length }, (_, at) => text.charCodeAt(at) || 0);
  const webp = (flags: number): Uint8Array => {
    const head = bytes('RIFF\0\0\0\0WEBPVP8X');
    head[20] = flags;
    return head;
  };
  const chunk = (type: string): string => `\0\0\0\0${type}\0\0\0\0`;

  it('is told by its first bytes', () => {
    expect(isAnimated(bytes('GIF89a'))).toBe(true);
    expect(isAnimated(webp(0x02))).toBe(true);
    expect(isAnimated(bytes('\0\0\0\x20ftypavis'))).toBe(true);
    expect(isAnimated(bytes('\x89PNG\r\n\x1a\n' + chunk('IHDR') + chunk('acTL')))).toBe(true);
  });

  it('is not taken for one that stands still', () => {
    expect(isAnimated(webp(0x10))).toBe(false);
    expect(isAnimated(bytes('\x89PNG\r\n\x1a\n' + chunk('IHDR') + chunk('IDAT') + chunk('acTL')))).toBe(false);
    expect(isAnimated(bytes('\xff\xd8\xff'))).toBe(false);
    expect(isAnimated(new Uint8Array())).toBe(false);
  });
});

describe('messages of many files', () => {
  it('hold ten each, in order, and that is said before', () => {
    const files = Array.from({ length: 23 }, (_, at) => at);
    const plan = intoMessages(files, 10);
    expect(plan.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(plan.flat()).toEqual(files);
    expect(messagesWords(10, 10)).toBeNull();
    expect(messagesWords(23, 10)).toBe('23 files go as 3 messages, at most 10 in each.');
  });

  it('are put in another order by moving one', () => {
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
    expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
    expect(moved(['a', 'b', 'c'], 1, 99)).toEqual(['a', 'c', 'b']);
    expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c']);
    expect(moved(['a'], 5, 0)).toEqual(['a']);
  });

  it('spend on thumbnails what one payload leaves, whatever the names and the caption', () => {
    const item = { name: 'picture.jpg', hasThumbnail: true };
    expect(thumbnailBudget([item], '')).toBe(8 * 1024);
    expect(thumbnailBudget([{ name: 'a.pdf', hasThumbnail: false }], '')).toBe(0);
    const album = Array.from({ length: 10 }, () => ({ name: 'ね'.repeat(255), hasThumbnail: true }));
    const caption = 'ね'.repeat(limits.textCharacters);
    const each = thumbnailBudget(album, caption);
    expect(each).toBeGreaterThan(500);
    const words = new TextEncoder().encode(caption + album.map(({ name }) => name).join('')).length;
    expect(each * 10 + words).toBeLessThan(limits.payloadBytes);
    expect(thumbnailBudget(album, '') * 10).toBeLessThanOrEqual(limits.thumbnailsBytes);
  });
});

describe('limits in words', () => {
  const base: SendLimits = { relayBytes: 2e6, direct: true, othersOnline: true, fileBytes: 9e9, keepDays: null };

  it('say nothing of what fits, or while nothing is known', () => {
    expect(judgeSize(2e6, base, 'Anna')).toEqual({ sendable: true, words: null });
    expect(judgeSize(5e6, null, 'Anna')).toEqual({ sendable: true, words: null });
    expect(judgeSize(5e6, { ...base, relayBytes: null }, 'Anna')).toEqual({ sendable: true, words: null });
  });

  it('say that a large file goes directly, and what for that is needed', () => {
    const now = judgeSize(3e6, base, 'Anna');
    expect(now.sendable).toBe(true);
    expect(now.words).toMatch(/2\sMB.*goes directly while Anna is online; keep Parley open/u);
    expect(judgeSize(3e6, { ...base, othersOnline: false }, 'Anna').words).toContain('once Anna is online');
    expect(judgeSize(3e6, { ...base, relayBytes: 0 }, 'Anna').words).toContain('The relay has no room.');
  });

  it('refuse with the limit what cannot go at all', () => {
    const noWay = judgeSize(3e6, { ...base, direct: false }, 'Anna');
    expect(noWay.sendable).toBe(false);
    expect(noWay.words).toMatch(/at most 2\sMB/u);
    expect(judgeSize(1, { ...base, direct: false, relayBytes: 0 }, 'Anna').words).toContain('used up');
    expect(judgeSize(1e10, base, 'Anna')).toMatchObject({ sendable: false });
  });
});

describe('what is dropped or pasted', () => {
  it('is words where an office program adds a picture of them', () => {
    expect(isMeantAsText({ types: ['text/plain', 'text/html', 'Files'] })).toBe(true);
    expect(isMeantAsText({ types: ['text/html', 'Files'] })).toBe(false);
    expect(isMeantAsText({ types: ['Files'] })).toBe(false);
  });

  it('names folders as what can’t be sent', () => {
    expect(folderWords(0)).toBeNull();
    expect(folderWords(1)).toMatch(/^A folder can’t be sent/u);
    expect(folderWords(3)).toMatch(/^Folders can’t be sent/u);
  });
});

describe('a waveform', () => {
  it('has as many points as there is room for, full where it is loudest', () => {
    const points = waveformOf(
      Float32Array.from({ length: 1_000 }, (_, at) => (at < 500 ? 0.1 : -0.4)),
      128,
    );
    expect(points).toHaveLength(128);
    expect(points[10]).toBe(64);
    expect(points[127]).toBe(255);
    expect([...waveformOf([0.2, 0.4], 128)]).toEqual([128, 255]);
  });

  it('of silence stays flat', () => {
    expect([...waveformOf([0, 0.001, 0], 3)]).toEqual([0, 13, 0]);
    expect(waveformOf([], 128)).toHaveLength(0);
  });
});

/** Lets all that needs no answer from outside run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

describe('handing bytes over', () => {
  it('takes pieces of one stage, in order, and tells of each', async () => {
    const engine = new HandEngine();
    const done: number[] = [];
    const bytes = Uint8Array.from({ length: 2.5 * 1024 * 1024 }, (_, at) => at % 251);
    const staging = stageBytes(engine.client, new Blob([bytes]), (count) => done.push(count));
    for (let piece = 0; piece < 3; piece++) {
      await settled();
      await engine.at(-1).answer({ stage: 's1' });
    }
    expect(await staging).toBe('s1');
    const inputs = engine.asked.map(({ input }) => input as { stage?: string; bytes: Uint8Array });
    expect(inputs.map(({ stage }) => stage)).toEqual([undefined, 's1', 's1']);
    expect(done).toEqual([1_048_576, 1_048_576, 524_288]);
    expect(Buffer.concat(inputs.map((input) => input.bytes)).equals(Buffer.from(bytes))).toBe(true);
  });

  it('hands over an empty file, too', async () => {
    const engine = new HandEngine();
    const staging = stageBytes(engine.client, new Blob([]));
    await settled();
    await engine.at(-1).answer({ stage: 's1' });
    expect(await staging).toBe('s1');
  });

  it('takes back what was handed over when the rest can’t be', async () => {
    const engine = new HandEngine();
    const staging = stageBytes(engine.client, new Blob([new Uint8Array(2 * 1024 * 1024)]));
    await settled();
    await engine.at(-1).answer({ stage: 's1' });
    await settled();
    await engine.at(-1).refuse(new ParleyError('storage_failed', { message: 'Full.' }));
    await expect(staging).rejects.toThrow('Full.');
    expect(engine.at(-1)).toMatchObject({ name: 'media.unstage', input: { stages: ['s1'] } });
  });
});

interface Desk {
  readonly engine: HandEngine;
  readonly composer: Composer;
  readonly attachments: Attachments;
}

const limitsNow: SendLimits = { relayBytes: 1e6, direct: false, othersOnline: false, fileBytes: 9e9, keepDays: null };
const picture: Reading = { ...isOnlyFile, kind: 'picture', width: 4_000, height: 3_000, resizable: true };

/** Answers everything but `media.send` by itself. */
function desk(work: Partial<FileWork> = {}, grants = true): Desk {
  const engine = new HandEngine();
  const composer = new Composer(engine.client, room);
  const invoke = engine.client.invoke.bind(engine.client);
  const answering = {
    invoke: (...args: Parameters<typeof invoke>) => {
      const answer = invoke(...args);
      const asked = engine.at(-1);
      if (asked.name === 'media.limits') void asked.answer(limitsNow);
      if (asked.name === 'media.stage') void asked.answer({ stage: `s${engine.asked.length}` });
      return answer;
    },
  };
  const attachments = new Attachments({
    bridge: {
      engine: answering as typeof engine.client,
      grantFile: (file) => Promise.resolve(grants && file instanceof File ? grantOf(file) : null),
    },
    composer,
    choice: new PictureChoice(),
    work: {
      read: ({ type }) => Promise.resolve(type === 'image/jpeg' ? picture : isOnlyFile),
      makeStandard: () =>
        Promise.resolve({
          blob: new Blob(['small'], { type: 'image/jpeg' }),
          name: 'small.jpg',
          width: 20,
          height: 15,
        }),
      makeThumbnail: () => Promise.resolve(null),
      ...work,
    },
  });
  return { engine, composer, attachments };
}

function grantOf({ name, size }: File) {
  return { grant: `grant of ${name}`, name, bytes: size };
}

function files(...names: string[]): { files: File[]; folders: number } {
  const type = (name: string): string => (name.endsWith('.jpg') ? 'image/jpeg' : 'text/plain');
  return { files: names.map((name) => new File([name], name, { type: type(name) })), folders: 0 };
}

function sends({ engine }: Desk) {
  return engine.asked.filter(({ name }) => name === 'media.send');
}

describe('files about to be sent', () => {
  it('go with their words and the reply, named and not copied, and then the desk is empty', async () => {
    const made = desk();
    const { attachments, composer } = made;
    attachments.add(files('a.txt', 'b.txt'));
    composer.text = 'Look';
    composer.reply = message(3);
    const sending = attachments.send('Anna');
    await settled();
    expect(sends(made)[0]?.input).toEqual({
      conversation: room,
      text: 'Look',
      replyTo: 'm3',
      items: ['a.txt', 'b.txt'].map((name) => ({
        kind: 'file',
        name,
        type: 'text/plain',
        source: { from: 'grant', grant: `grant of ${name}` },
      })),
    });
    await sends(made)[0]?.answer(message(9));
    expect(await sending).toHaveLength(1);
    expect(attachments.items).toEqual([]);
    expect(composer.text).toBe('');
    expect(composer.reply).toBeNull();
  });

  it('are pictures in standard form unless the person wants them as they are', async () => {
    const made = desk();
    made.attachments.add(files('a.jpg'));
    void made.attachments.send('Anna');
    await settled();
    expect(sends(made)[0]?.input).toMatchObject({
      items: [{ kind: 'picture', name: 'small.jpg', width: 20, height: 15, source: { from: 'stage' } }],
    });
    const other = desk();
    other.attachments.add(files('a.jpg'));
    other.attachments.choose('original');
    void other.attachments.send('Anna');
    await settled();
    expect(sends(other)[0]?.input).toMatchObject({
      items: [{ name: 'a.jpg', width: 4_000, height: 3_000, source: { from: 'grant' } }],
    });
  });

  it('say so when a standard form can’t be made, and go as they are', async () => {
    const made = desk({ makeStandard: () => Promise.reject(new Error('no memory')) });
    made.attachments.add(files('a.jpg'));
    await settled();
    expect(made.attachments.items[0]?.standardFailed).toBe(true);
    void made.attachments.send('Anna');
    await settled();
    expect(sends(made)[0]?.input).toMatchObject({ items: [{ name: 'a.jpg', source: { from: 'grant' } }] });
  });

  it('go on after a fault where they stopped: what went out does not go again', async () => {
    const made = desk();
    made.attachments.add(files(...Array.from({ length: 12 }, (_, at) => `${at}.txt`)));
    made.composer.text = 'Twelve';
    const sending = made.attachments.send('Anna');
    await settled();
    await sends(made)[0]?.answer(message(1));
    await settled();
    await sends(made)[1]?.refuse(new ParleyError('storage_failed', { message: 'The disk is full.' }));
    expect(await sending).toHaveLength(1);
    expect(made.attachments.fault).toBe('The disk is full.');
    expect(made.attachments.items.map(({ file }) => file.name)).toEqual(['10.txt', '11.txt']);
    void made.attachments.send('Anna');
    await settled();
    expect(sends(made)[2]?.input).toMatchObject({ text: '', items: [{ name: '10.txt' }, { name: '11.txt' }] });
  });

  it('take back what was handed over when the message did not get into the outbox', async () => {
    const made = desk({}, false);
    made.attachments.add(files('a.txt'));
    const sending = made.attachments.send('Anna');
    await settled();
    await sends(made)[0]?.refuse(new ParleyError('storage_failed', { message: 'Full.' }));
    await sending;
    expect(made.engine.at(-1).name).toBe('media.unstage');
    expect(made.attachments.items).toHaveLength(1);
  });

  it('are not sent while one of them is too large, and then the others are still there', async () => {
    const made = desk();
    made.attachments.add({ files: [new File([new Uint8Array(1_000_001)], 'big.bin')], folders: 0 });
    made.attachments.add(files('a.txt'));
    await settled();
    const [big, small] = made.attachments.items;
    expect(big && made.attachments.judge(big, 'Anna').sendable).toBe(false);
    expect(small && made.attachments.judge(small, 'Anna').sendable).toBe(true);
    expect(made.attachments.canSend('Anna')).toBe(false);
    if (big) made.attachments.remove(big);
    expect(made.attachments.canSend('Anna')).toBe(true);
  });

  it('are asked about before they are let go when an order or a pasted picture would be lost', () => {
    const { attachments } = desk();
    attachments.add(files('a.txt'));
    expect(attachments.hasWork).toBe(false);
    attachments.add(files('b.txt'));
    expect(attachments.hasWork).toBe(true);
    attachments.clear();
    attachments.add(files('image.png'), true);
    expect(attachments.hasWork).toBe(true);
  });

  it('leave out folders and the hundred-and-first, in words', () => {
    const { attachments } = desk();
    expect(attachments.add({ files: [], folders: 1 })).toContain('A folder can’t be sent');
    expect(attachments.items).toHaveLength(0);
    attachments.add(files(...Array.from({ length: 101 }, (_, at) => `${at}.txt`)));
    expect(attachments.items).toHaveLength(100);
    expect(attachments.remark).toContain('At most 100 files at once');
  });

  it('say in words what they are', async () => {
    const { attachments } = desk();
    attachments.add(files('a.jpg'));
    const [item] = attachments.items;
    expect(item && detailWords(item, 'standard')).toBe('Reading…');
    await settled();
    expect(item && detailWords(item, 'standard')).toBe('20 × 15 · 5\u00A0B');
    expect(item && detailWords(item, 'original')).toBe('4000 × 3000 · 5\u00A0B');
    expect(titleWords(['picture'])).toBe('Send a picture');
    expect(titleWords(['picture', 'picture'])).toBe('Send 2 pictures');
    expect(titleWords(['picture', 'file'])).toBe('Send 2 files');
  });
});

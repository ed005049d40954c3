import { describe, expect, it } from 'vitest';
import { mediaAddress } from '../../../bridge/media-address.ts';
import { parseByteRange } from '../../../main/byte-range.ts';
import { freePath } from '../../../main/free-path.ts';
import { answerMediaRequest, type AskEngine } from '../../../main/media-answer.ts';
import { createId, ParleyError, type ConversationId, type MessageId } from '../../../protocol/index.ts';

const chunk = 256 * 1024;
const ref = { conversation: createId<ConversationId>(), message: createId<MessageId>(), item: 2 };
const address = mediaAddress(ref);

describe('ranges of bytes', () => {
  it.each([
    ['bytes=0-', { from: 0, length: 100 }],
    ['bytes=10-19', { from: 10, length: 10 }],
    ['Bytes= 10-19 ', { from: 10, length: 10 }],
    ['bytes=99-', { from: 99, length: 1 }],
    ['bytes=90-1000', { from: 90, length: 10 }],
    ['bytes=-30', { from: 70, length: 30 }],
    ['bytes=-1000', { from: 0, length: 100 }],
    ['bytes=0-0', { from: 0, length: 1 }],
  ])('takes %s', (header, range) => expect(parseByteRange(header, 100)).toEqual(range));

  it.each([
    null,
    '',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=5-1',
    'lines=0-5',
    'bytes=0-1,5-6',
    'bytes=9999999999999999-',
  ])('takes %s for the whole', (header) => expect(parseByteRange(header, 100)).toBeNull());

  it.each(['bytes=100-', 'bytes=100-200', 'bytes=-0'])('says that %s is past the end', (header) =>
    expect(parseByteRange(header, 100)).toBe('unsatisfiable'),
  );

  it('has nothing to give of an empty file', () => {
    expect(['bytes=0-', 'bytes=-5', 'bytes=0-0'].map((header) => parseByteRange(header, 0))).toEqual(
      Array(3).fill('unsatisfiable'),
    );
  });
});

/** An engine with one file, that remembers what was read. */
function createEngine(bytes: number, inlineType: string | null = 'video/webm') {
  const reads: [number, number][] = [];
  const ask = (async (name: string, input: { from: number; length: number; message: MessageId }) => {
    if (input.message !== ref.message) throw new ParleyError('not_found', { message: 'No.' });
    if (name === 'media.describe')
      return { name: 'a', kind: 'video', bytes, dangerous: false, inlineType, held: true, savedAs: null };
    reads.push([input.from, input.length]);
    return new Uint8Array(input.length).fill(input.from / chunk);
  }) as AskEngine;
  return { ask, reads };
}

const get = (ask: AskEngine, url = address, init: RequestInit = {}) => answerMediaRequest(new Request(url, init), ask);

describe('a request for a file of a message', () => {
  it('is read chunk by chunk, as far as the consumer has come', async () => {
    const { ask, reads } = createEngine(3 * chunk);
    const answer = await get(ask, address, { headers: { range: `bytes=100-${2 * chunk + 9}` } });
    expect(reads).toEqual([]);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect((await reader.read()).value?.byteLength).toBe(chunk - 100);
    expect(reads).toEqual([[100, chunk - 100]]);
    await reader.read();
    expect((await reader.read()).value?.byteLength).toBe(10);
    expect((await reader.read()).done).toBe(true);
    expect(reads.slice(1)).toEqual([
      [chunk, chunk],
      [2 * chunk, 10],
    ]);
  });

  it('breaks off when the engine does', async () => {
    const { ask } = createEngine(3 * chunk);
    const failing = ((name: never, input: { from: number }) =>
      input.from >= chunk
        ? Promise.reject(new ParleyError('unavailable', { message: 'Gone.' }))
        : ask(name, input as never)) as AskEngine;
    await expect((await get(failing)).arrayBuffer()).rejects.toThrow('Gone.');
  });

  it('breaks off when the engine has fewer bytes than it said', async () => {
    const { ask } = createEngine(chunk);
    const short = ((name: string, input: never) =>
      name === 'media.read' ? Promise.resolve(new Uint8Array()) : ask('media.describe', input)) as AskEngine;
    await expect((await get(short)).arrayBuffer()).rejects.toThrow('ended early');
  });

  it('is answered without bytes to HEAD', async () => {
    const { ask, reads } = createEngine(10);
    const answer = await get(ask, address, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-length'), await answer.text(), reads]).toEqual([
      200,
      '10',
      '',
      [],
    ]);
  });

  it('is refused for what may not be shown, is not there, is no address, or changes things', async () => {
    const { ask } = createEngine(10);
    const gone = (() => Promise.reject(new ParleyError('unavailable', { message: 'Gone.' }))) as AskEngine;
    const other = mediaAddress({ ...ref, message: createId<MessageId>() });
    const answers = await Promise.all([
      get(createEngine(10, null).ask),
      get(ask, other),
      get(ask, 'parley-media://file/x'),
      get(ask, `${address}?x`),
      get(ask, address, { method: 'POST' }),
      get(gone),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([403, 404, 404, 404, 404, 503]);
    for (const { headers } of answers) {
      expect(headers.get('content-security-policy')).toContain('sandbox');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('a free name in a folder', () => {
  it.each([
    ['film.webm', [], 'film.webm'],
    ['film.webm', ['film.webm'], 'film (1).webm'],
    ['film.webm', ['film.webm', 'film (1).webm'], 'film (2).webm'],
    ['README', ['README'], 'README (1)'],
    ['.profile', ['.profile'], '.profile (1)'],
    ['a.tar.gz', ['a.tar.gz'], 'a.tar (1).gz'],
  ])('for %s beside %o is %s', (name, taken, expected) => {
    expect(freePath('/to', name, (path) => taken.includes(path.slice('/to/'.length)))).toBe(`/to/${expected}`);
  });
});

/** Searching messages: asking once typing stops, further pages, the way from hit to hit, the words around it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SearchHit } from '../../../bridge/views.ts';
import { ChatFind } from '../../../renderer/app/search/chat-find.svelte.ts';
import { countWords, shortLead } from '../../../renderer/app/search/find-words.ts';
import { MessageSearch } from '../../../renderer/app/search/message-search.svelte.ts';
import { HandEngine, message, room } from './made-up.ts';

function hits(from: number, count: number): SearchHit[] {
  return Array.from({ length: count }, (_, at) => {
    return { message: message(from - at), conversationTitle: 'Anna', excerpt: ['', 'word', ''] };
  });
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a search', () => {
  it('asks for nothing before there are two letters', () => {
    const engine = new HandEngine();
    const search = new MessageSearch(engine.client);
    search.search(' w ');
    vi.runAllTimers();
    expect(engine.asked).toEqual([]);
    expect(search.result).toEqual({ state: 'idle' });
  });

  it('asks once for what was typed last, and takes no older answer', async () => {
    const engine = new HandEngine();
    const search = new MessageSearch(engine.client, { conversation: room });
    search.search('wo');
    vi.runAllTimers();
    search.search('wor');
    search.search('word');
    vi.runAllTimers();
    expect(engine.asked.map(({ input }) => input)).toMatchObject([
      { query: 'wo', conversation: room },
      { query: 'word', conversation: room },
    ]);
    await engine.at(1).answer(hits(9, 2));
    await engine.at(0).answer(hits(100, 5));
    expect(search.result).toMatchObject({ state: 'found', more: false, hits: [{ message: { order: 9 } }, {}] });
  });

  it('loses no hit that shares its millisecond with the last one of a page', async () => {
    const engine = new HandEngine();
    const search = new MessageSearch(engine.client);
    search.search('word');
    vi.runAllTimers();
    const first = hits(100, 40);
    await engine.at(0).answer(first);
    expect(search.result).toMatchObject({ more: true });
    void search.more();
    void search.more();
    expect(engine.asked).toHaveLength(2);
    const last = first.at(-1);
    expect(engine.at(1).input).toMatchObject({ before: (last?.message.time ?? 0) + 1 });
    await engine.at(1).answer([last, ...hits(60, 3)]);
    const { result } = search;
    expect(result.state === 'found' && result.hits.map(({ message: { order } }) => order).slice(38)).toEqual([
      62, 61, 60, 59, 58,
    ]);
    expect(result).toMatchObject({ more: false });
  });

  it('keeps what was found when the next page fails, and asks for it again', async () => {
    const engine = new HandEngine();
    const search = new MessageSearch(engine.client);
    search.search('word');
    vi.runAllTimers();
    await engine.at(0).answer(hits(100, 40));
    void search.more();
    await engine.at(1).refuse(new Error('gone'));
    expect(search.result).toMatchObject({ state: 'found', more: true });
    void search.more();
    expect(engine.asked).toHaveLength(3);
  });

  it('says why it could not look', async () => {
    const engine = new HandEngine();
    const search = new MessageSearch(engine.client);
    search.search('word');
    vi.runAllTimers();
    await engine.at(0).refuse(new Error('gone'));
    expect(search.result.state).toBe('failed');
  });
});

describe('finding in a conversation', () => {
  it('goes from the newest to older ones, over the end of a page, and back', async () => {
    const engine = new HandEngine();
    const find = new ChatFind(engine.client, room);
    find.start();
    find.ask('word');
    vi.runAllTimers();
    await engine.at(0).answer(hits(100, 40));
    expect(find.current?.message.order).toBe(100);
    for (let step = 0; step < 39; step++) await find.older();
    expect(find.current?.message.order).toBe(61);
    expect(countWords(find.result, find.at)).toBe('40 of more than 40');
    const further = find.older();
    await engine.at(1).answer(hits(61, 2));
    await further;
    expect(find.current?.message.order).toBe(60);
    expect(countWords(find.result, find.at)).toBe('41 of 41');
    expect(find.hasOlder).toBe(false);
    await find.older();
    find.newer();
    expect(find.current?.message.order).toBe(61);
  });

  it('forgets everything when it is closed', async () => {
    const engine = new HandEngine();
    const find = new ChatFind(engine.client, room);
    find.start();
    find.ask('word');
    vi.runAllTimers();
    await engine.at(0).answer(hits(3, 2));
    find.close();
    expect([find.open, find.query, find.current]).toEqual([false, '', null]);
  });

  it('says when there is nothing', () => {
    expect(countWords({ state: 'found', hits: [], more: false }, 0)).toBe('Nothing found');
  });
});

it.each([
  ['short ', 'short '],
  ['the beginning of a long sentence with a ', '…with a '],
  ['Donaudampfschifffahrtselektrizitäten', '…tselektrizitäten'],
])('of “%s” before a match one line keeps “%s”', (lead, kept) => {
  expect(shortLead([lead, 'match', ' in it'])).toEqual([kept, 'match', ' in it']);
});

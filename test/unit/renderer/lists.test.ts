/** The list of conversations: its order, its merging, its pages, the search above it. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ConversationList } from '../../../renderer/app/conversations/conversation-list.svelte.ts';
import {
  compareConversations,
  mergeConversations,
  titleMatches,
} from '../../../renderer/app/conversations/conversation-order.ts';
import { listRows, neighbour } from '../../../renderer/app/conversations/list-rows.ts';
import { PeopleSearch } from '../../../renderer/app/conversations/people-search.svelte.ts';
import { conversation, HandEngine, message } from './made-up.ts';

const anyConversation = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    activeAt: fc.integer({ min: 1, max: 4 }),
    pinnedAt: fc.option(fc.integer({ min: 0, max: 2 })),
  })
  .map(({ id, activeAt, pinnedAt }) => conversation(id, activeAt, { pinnedAt }));

describe('merging conversations', () => {
  it('gives what sorting all of them anew would give', () => {
    fc.assert(
      fc.property(fc.array(anyConversation), fc.array(anyConversation), (first, second) => {
        const list = mergeConversations([], first);
        const merged = mergeConversations(list, second);
        const latest = new Map([...first, ...second].map((one) => [one.id, one]));
        expect(merged).toEqual([...latest.values()].sort(compareConversations));
      }),
    );
  });
});

it('pinned ones come first, the one pinned last above the others, whatever was said when', () => {
  const list = [
    conversation('new', 900),
    conversation('first', 1, { pinnedAt: 10 }),
    conversation('at nought', 2, { pinnedAt: 0 }),
    conversation('last', 3, { pinnedAt: 20 }),
  ];
  expect(mergeConversations([], list).map(({ id }) => id)).toEqual(['last', 'first', 'at nought', 'new']);
});

it.each([
  ['web', true],
  ['ANNA', true],
  ['@anna.w', true],
  ['nna', false],
  ['müller', true],
  ['muller', true],
])('"%s" finds Anna Weber-Müller: %s', (query, found) => {
  const anna = conversation('x', 1, {
    title: 'Anna Weber-Müller',
    peer: { id: 'p' as never, username: 'anna.weber', displayName: 'Anna' },
  });
  expect(titleMatches(anna, query)).toBe(found);
});

it('finds inside words of scripts without spaces', () => {
  expect(titleMatches(conversation('x', 1, { title: '山田美咲' }), '美咲')).toBe(true);
});

describe('the list', () => {
  const firstPage = Array.from({ length: 100 }, (_, index) =>
    conversation(`c${String(index).padStart(3, '0')}`, 1_000 - index),
  );

  it('loads page after page, each after the last row of the one before', async () => {
    const engine = new HandEngine();
    const list = new ConversationList(engine.client);
    void list.load();
    await engine.at(0).answer(firstPage);
    expect(list.phase.state).toBe('ready');
    expect(engine.at(1).input).toEqual({ limit: 500, after: { pinnedAt: null, activeAt: 901, id: 'c099' } });
    await engine.at(1).answer([conversation('last', 1)]);
    expect(list.all).toHaveLength(101);
    expect(engine.asked).toHaveLength(2);
  });

  it('believes an event over a page that was asked for before it', async () => {
    const engine = new HandEngine();
    const list = new ConversationList(engine.client);
    void list.load();
    engine.emit('conversations.changed', [conversation('c050', 5_000, { unread: 2 })]);
    await engine.at(0).answer(firstPage.slice(0, 60));
    expect(list.all[0]).toMatchObject({ id: 'c050', unread: 2 });
    expect(list.all).toHaveLength(60);
  });

  it('shows notes to self once they hold something, and always finds them', () => {
    const list = new ConversationList(new HandEngine().client);
    const notes = conversation('notes', 5, { notes: true, title: 'Notes to self' });
    list.take([notes, conversation('anna', 1)]);
    expect(list.shown.map(({ id }) => id)).toEqual(['anna']);
    list.filter = 'note';
    expect(list.shown.map(({ id }) => id)).toEqual(['notes']);
    list.filter = '';
    list.take([{ ...notes, draft: 'milk' }]);
    expect(list.shown.map(({ id }) => id)).toEqual(['notes', 'anna']);
  });

  it('forgets a load that belongs to the account before', async () => {
    const engine = new HandEngine();
    const list = new ConversationList(engine.client);
    void list.load();
    list.clear();
    await engine.at(0).answer(firstPage);
    expect(list.all).toEqual([]);
  });

  it('keeps what it shows while it loads anew', async () => {
    const engine = new HandEngine();
    const list = new ConversationList(engine.client);
    void list.load();
    await engine.at(0).answer([conversation('a', 1)]);
    void list.load();
    expect(list.phase.state).toBe('ready');
    expect(list.all).toHaveLength(1);
  });
});

describe('people search', () => {
  it('asks once typing stops, and only the latest answer counts', async () => {
    vi.useFakeTimers();
    const engine = new HandEngine();
    const search = new PeopleSearch(engine.client, 200);
    search.search('a');
    search.search('@an');
    expect(engine.asked).toHaveLength(0);
    vi.advanceTimersByTime(200);
    expect(engine.at(0).input).toEqual({ query: 'an' });
    search.search('ann');
    vi.advanceTimersByTime(200);
    await engine.at(1).answer([]);
    await engine.at(0).answer([{ id: 'late', username: 'late', displayName: 'Late' }]);
    expect(search.result).toEqual({ state: 'found', people: [] });
    search.search('  ');
    expect(search.result.state).toBe('idle');
    vi.useRealTimers();
  });
});

describe('the rows of a search', () => {
  const anna = { id: 'anna' as never, username: 'anna', displayName: 'Anna' };
  const ben = { id: 'ben' as never, username: 'ben', displayName: 'Ben' };

  it('leave out people whose conversation is listed already', () => {
    const rows = listRows([conversation('a', 1, { peer: anna })], {
      query: 'n',
      people: { state: 'found', people: [anna, ben] },
      messages: { state: 'idle' },
      relay: 'Home',
    });
    expect(rows.map(({ key }) => key)).toEqual(['a', 'heading', 'ben']);
  });

  it.each([
    ['', ['notes', 'a', 'heading', 'note']],
    ['note', ['a', 'notes', 'heading', 'note']],
    ['to se', ['a', 'notes', 'heading', 'note']],
    ['ann', ['a', 'heading', 'note']],
  ])('offer notes to self for "%s"', (query, keys) => {
    const rows = listRows([conversation('a', 1)], {
      query,
      people: { state: 'searching' },
      messages: { state: 'idle' },
      relay: 'Home',
    });
    expect(rows.map(({ key }) => key)).toEqual(keys);
  });

  it('offer no second notes to self', () => {
    const notes = conversation('n', 1, { notes: true });
    const rows = listRows([notes], {
      query: 'note',
      people: { state: 'searching' },
      messages: { state: 'idle' },
      relay: 'Home',
    });
    expect(rows.map(({ key }) => key)).toEqual(['n', 'heading', 'note']);
  });

  it('say that nobody was found', () => {
    const rows = listRows([], {
      query: 'zed',
      people: { state: 'found', people: [] },
      messages: { state: 'idle' },
      relay: 'Home',
    });
    expect(rows.at(-1)).toMatchObject({ kind: 'note', words: 'Nobody here is called “zed”.' });
  });

  it('end with the messages that were found, and only then is nobody missed', () => {
    const hit = { message: message(7), conversationTitle: 'Anna', excerpt: ['a ', 'zed', ''] };
    const rows = listRows([], {
      query: 'zed',
      people: { state: 'found', people: [] },
      messages: { state: 'found', hits: [hit], more: false },
      relay: 'Home',
    });
    expect(rows).toEqual([
      { kind: 'heading', key: 'messages', words: 'Messages' },
      { kind: 'message', key: 'hit-m7', hit },
    ]);
    expect(neighbour(rows, null, 1)).toBe('hit-m7');
  });

  it('say why messages could not be searched', () => {
    const rows = listRows([conversation('a', 1)], {
      query: 'zed',
      people: { state: 'found', people: [] },
      messages: { state: 'failed', fault: { code: 'internal', message: 'The history cannot be read.', field: null } },
      relay: 'Home',
    });
    expect(rows.at(-1)).toMatchObject({ kind: 'note', words: 'The history cannot be read.' });
  });

  it('are walked over headings, and stop at the ends', () => {
    const rows = listRows([conversation('a', 1)], {
      query: 'b',
      people: { state: 'found', people: [ben] },
      messages: { state: 'idle' },
      relay: 'Home',
    });
    expect(neighbour(rows, null, 1)).toBe('a');
    expect(neighbour(rows, 'a', 1)).toBe('ben');
    expect(neighbour(rows, 'ben', 1)).toBe('ben');
    expect(neighbour(rows, null, -1)).toBe('ben');
    expect(neighbour([], 'a', 1)).toBeNull();
  });
});

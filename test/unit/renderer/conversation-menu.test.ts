/** What the menu of a conversation offers, and what it asks the engine for. */
import { describe, expect, it } from 'vitest';
import { conversationMenu, mutedWords } from '../../../renderer/app/conversations/conversation-menu.ts';
import { createRowActs } from '../../../renderer/app/conversations/row-acts.ts';
import { conversation, HandEngine } from './made-up.ts';

const now = new Date(2025, 2, 12, 15, 30).getTime();
const hour = 3_600_000;

function opened(changes: Parameters<typeof conversation>[2] = {}) {
  const engine = new HandEngine();
  const failed: unknown[] = [];
  const acts = createRowActs(engine.client, { fail: (error) => failed.push(error) });
  const items = conversationMenu(conversation('c', 1, { head: 7, ...changes }), acts, now);
  const choose = (words: string): void => items.find((item) => item.words === words)?.act();
  return { engine, failed, items, choose, words: items.map((item) => item.words) };
}

describe('the menu', () => {
  const spans = ['1 hour', '8 hours', '1 week', 'Always'];
  it.each([
    [{}, ['Pin to top', ...spans]],
    [{ pinnedAt: 5 }, ['Unpin', ...spans]],
    [{ unread: 2 }, ['Pin to top', 'Mark as read', ...spans]],
    [{ muted: true }, ['Pin to top', 'Unmute']],
    [{ notes: true }, ['Pin to top']],
  ])('of %j offers %j', (changes, words) => {
    expect(opened(changes).words).toEqual(words);
  });

  it.each([
    [{}, 'Pin to top', 'conversations.pin', { pinned: true }],
    [{ pinnedAt: 5 }, 'Unpin', 'conversations.pin', { pinned: false }],
    [{ unread: 2 }, 'Mark as read', 'conversations.mark-read', { seq: 7 }],
    [{}, '8 hours', 'conversations.mute', { mute: { forMs: 8 * hour } }],
    [{}, 'Always', 'conversations.mute', { mute: { forMs: null } }],
    [{ muted: true }, 'Unmute', 'conversations.mute', { mute: null }],
  ])('of %j, "%s" asks for %s', (changes, words, command, input) => {
    const { engine, choose } = opened(changes);
    choose(words);
    expect(engine.at(0)).toMatchObject({ name: command, input: { conversation: 'c', ...input } });
  });

  it('tells of what did not work', async () => {
    const { engine, failed, choose } = opened();
    choose('Always');
    const fault = new Error('The disk is full.');
    await engine.at(0).refuse(fault);
    expect(failed).toEqual([fault]);
  });
});

it.each([
  [null, 'always'],
  [now + hour, 'until 16:30'],
  [now + 24 * hour, 'until tomorrow, 15:30'],
  [now + 7 * 24 * hour, 'until 19 Mar'],
])('muted until %s is "%s"', (mutedUntil, words) => {
  expect(mutedWords(conversation('c', 1, { muted: true, mutedUntil }), now, 'en-GB')).toBe(words);
});

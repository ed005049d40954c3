/** The messages of the open conversation, whatever the order in which answers and changes come. */
import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../bridge/text-rules.ts';
import { Timeline } from '../../../renderer/app/chat/timeline.svelte.ts';
import { brand, HandEngine, message, page, room } from './made-up.ts';

function opened() {
  const engine = new HandEngine();
  const timeline = new Timeline(engine.client, room);
  const done = timeline.open();
  return { engine, timeline, done };
}

const texts = (timeline: Timeline) => timeline.messages.map(({ order }) => order);

describe('the timeline', () => {
  it('goes to the first unread message when there is one', async () => {
    const { engine, timeline } = opened();
    await engine.at(0).answer(page(5, 9, { firstUnread: brand('m7') }));
    expect(timeline.phase.state).toBe('ready');
    expect(timeline.opening.place).toEqual({ at: 'unread' });
    expect(timeline.rows.find(({ startsUnread }) => startsUnread)?.message.id).toBe('m7');
  });

  it('keeps a change that came before the page which did not hold it yet', async () => {
    const { engine, timeline } = opened();
    timeline.apply({ messages: [message(4), message(3, { state: 'read' })], removed: [] });
    await engine.at(0).answer(page(1, 3));
    expect(texts(timeline)).toEqual([1, 2, 3, 4]);
    expect(timeline.messages[2]?.state).toBe('read');
  });

  it('drops the answer to an older question', async () => {
    const { engine, timeline } = opened();
    const end = timeline.toEnd();
    await engine.at(1).answer(page(8, 9));
    await engine.at(0).answer(page(1, 2));
    await end;
    expect(texts(timeline)).toEqual([8, 9]);
  });

  it('puts older messages in front once, and asks once at a time', async () => {
    const { engine, timeline } = opened();
    await engine.at(0).answer(page(5, 6));
    void timeline.loadOlder();
    void timeline.loadOlder();
    expect(engine.asked).toHaveLength(2);
    await engine.at(1).answer(page(3, 5));
    expect(texts(timeline)).toEqual([3, 4, 5, 6]);
    expect(timeline.prepending).toBe(true);
    timeline.prepended();
    expect(timeline.prepending).toBe(false);
  });

  it('applies to an older page what changed while it was on its way', async () => {
    const { engine, timeline } = opened();
    await engine.at(0).answer(page(5, 6));
    const older = timeline.loadOlder();
    timeline.apply({ messages: [message(4, { state: 'delivered' })], removed: [] });
    expect(texts(timeline)).toEqual([5, 6]);
    await engine.at(1).answer(page(3, 4));
    await older;
    expect(timeline.messages[1]?.state).toBe('delivered');
  });

  it('makes no hole: a new message beyond an unloaded end waits for its page', async () => {
    const { engine, timeline } = opened();
    await engine.at(0).answer(page(1, 3, { hasNewer: true }));
    timeline.apply({ messages: [message(9)], removed: [] });
    expect(texts(timeline)).toEqual([1, 2, 3]);
    void timeline.loadNewer();
    await engine.at(1).answer(page(4, 9));
    expect(texts(timeline)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('moves a waiting message to its place once the relay has it', async () => {
    const { engine, timeline } = opened();
    await engine.at(0).answer(page(1, 2));
    const waiting = message(1e12, { id: brand('mine'), seq: null, own: true, state: 'queued' });
    timeline.apply({ messages: [waiting], removed: [] });
    timeline.apply({ messages: [message(3), { ...waiting, seq: brand('4'), order: 4, state: 'sent' }], removed: [] });
    expect(timeline.messages.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3', 'mine']);
  });

  it('takes out what was discarded', async () => {
    const { engine, timeline } = opened();
    await engine.at(0).answer(page(1, 3));
    timeline.apply({ messages: [], removed: [brand('m2')] });
    expect(texts(timeline)).toEqual([1, 3]);
  });

  it('shows why it could not be opened, and opens at the next try', async () => {
    const { engine, timeline } = opened();
    await engine.at(0).refuse(new ParleyError('storage_failed', { message: 'The disk is gone.' }));
    expect(timeline.phase).toMatchObject({ state: 'failed', fault: { message: 'The disk is gone.' } });
    void timeline.open();
    expect(timeline.phase.state).toBe('loading');
    await engine.at(1).answer(page(1, 1));
    expect(timeline.phase.state).toBe('ready');
  });

  it('keeps what it shows when an edge could not be loaded', async () => {
    const { engine, timeline } = opened();
    await engine.at(0).answer(page(5, 6));
    void timeline.loadOlder();
    await engine.at(1).refuse(new ParleyError('relay_unreachable', { message: 'No relay.' }));
    expect(texts(timeline)).toEqual([5, 6]);
    expect(timeline.edge.older?.message).toBe('No relay.');
  });

  it('scrolls to a message it holds without asking, and loads around one it does not', async () => {
    const { engine, timeline } = opened();
    await engine.at(0).answer(page(5, 9));
    const before = timeline.opening.number;
    await timeline.toMessage(brand('m6'));
    expect(timeline.opening).toEqual({ number: before, place: { at: 'message', message: 'm6', highlight: true } });
    void timeline.toMessage(brand('m2'));
    await engine.at(1).answer(page(1, 3, { hasNewer: true }));
    expect(timeline.opening.number).not.toBe(before);
    expect(texts(timeline)).toEqual([1, 2, 3]);
  });
});

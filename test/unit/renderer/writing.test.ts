/** Writing and reading: no word is lost, nothing is read that was not seen. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ParleyError } from '../../../bridge/text-rules.ts';
import { ReadMarker } from '../../../renderer/app/chat/read-marker.svelte.ts';
import { Composer } from '../../../renderer/app/composer/composer.svelte.ts';
import { messageText } from '../../../renderer/app/composer/message-text.ts';
import { HandEngine, message, room } from './made-up.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the composer', () => {
  it('clears at once, and gives the text back in front of what was typed since when sending failed', async () => {
    const engine = new HandEngine();
    const composer = new Composer(engine.client, room);
    composer.text = 'first';
    composer.reply = message(3);
    const sending = composer.send();
    expect(composer.text).toBe('');
    expect(composer.reply).toBeNull();
    composer.text = 'second';
    const send = engine.asked.find(({ name }) => name === 'messages.send');
    expect(send?.input).toEqual({ conversation: room, text: 'first', replyTo: 'm3' });
    await send?.refuse(new ParleyError('storage_failed', { message: 'The disk is full.' }));
    await sending;
    expect(composer.text).toBe('first\nsecond');
    expect(composer.reply?.id).toBe('m3');
    expect(composer.fault?.message).toBe('The disk is full.');
  });

  it('takes 16,384 characters and refuses one more, keeping it', async () => {
    const engine = new HandEngine();
    const composer = new Composer(engine.client, room);
    composer.text = 'x'.repeat(16_384);
    expect(composer.canSend).toBe(true);
    composer.text = 'x'.repeat(16_385);
    expect(await composer.send()).toBeNull();
    expect(composer.text).toHaveLength(16_385);
    expect(engine.names()).not.toContain('messages.send');
  });

  it('does not send blanks', async () => {
    const composer = new Composer(new HandEngine().client, room);
    composer.text = ' \n\t ';
    expect(composer.canSend).toBe(false);
  });

  it('keeps the spaces of the first line and drops blank lines around', () => {
    expect(messageText('\n  \n  indented\n\nlast \n\n')).toBe('  indented\n\nlast');
  });

  it('stores the draft once typing rests, and takes it away after sending', async () => {
    const engine = new HandEngine();
    const composer = new Composer(engine.client, room);
    composer.text = 'h';
    composer.text = 'hello';
    vi.advanceTimersByTime(400);
    const drafts = () => engine.asked.filter(({ name }) => name === 'drafts.set').map(({ input }) => input);
    expect(drafts()).toEqual([{ conversation: room, text: 'hello' }]);
    void composer.send();
    expect(drafts().at(-1)).toEqual({ conversation: room, text: '' });
  });

  it('stores again a draft that could not be stored', async () => {
    const engine = new HandEngine();
    const composer = new Composer(engine.client, room);
    composer.text = 'hello';
    const flushed = composer.flush();
    const draft = engine.asked.find(({ name }) => name === 'drafts.set');
    await draft?.refuse(new ParleyError('storage_busy', { message: 'Busy.' }));
    await flushed;
    void composer.flush();
    expect(engine.names().filter((name) => name === 'drafts.set')).toHaveLength(2);
  });

  it('restores a draft, but never over what the person has begun to write', () => {
    const composer = new Composer(new HandEngine().client, room);
    composer.text = 'new';
    composer.followDraft('old');
    expect(composer.text).toBe('new');
    const other = new Composer(new HandEngine().client, room);
    other.followDraft('old');
    expect(other.text).toBe('old');
  });

  it('follows what another device types and sends', async () => {
    const engine = new HandEngine();
    const composer = new Composer(engine.client, room);
    composer.text = 'typed here';
    void composer.flush();
    await engine.at(-1).answer(undefined);
    for (const draft of ['typed here', 'typed here, and there', 'typed there', null]) {
      composer.followDraft(draft);
      expect(composer.text).toBe(draft ?? '');
    }
    expect(engine.names().filter((name) => name === 'drafts.set')).toHaveLength(1);
  });

  it('an echo of its own drafts that comes late takes nothing back', () => {
    const composer = new Composer(new HandEngine().client, room);
    for (const text of ['he', 'hello', 'hello there']) {
      composer.text = text;
      void composer.flush();
    }
    for (const echo of ['he', 'hello there']) composer.followDraft(echo);
    expect(composer.text).toBe('hello there');
    composer.followDraft('hello there');
    composer.followDraft('hello');
    expect(composer.text).toBe('hello');
  });

  it('opening again before the echo is there keeps what was typed', () => {
    const composer = new Composer(new HandEngine().client, room);
    composer.followDraft('ab');
    composer.text = 'abc';
    void composer.flush();
    composer.followDraft('ab');
    expect(composer.text).toBe('abc');
  });

  it('a draft from elsewhere never takes the place of a word that is not stored yet', () => {
    const composer = new Composer(new HandEngine().client, room);
    composer.followDraft('from the laptop');
    composer.text = 'from the laptop, and';
    composer.followDraft('something else');
    expect(composer.text).toBe('from the laptop, and');
  });

  it('tells of typing at most every three seconds, and of its end', () => {
    const engine = new HandEngine();
    const composer = new Composer(engine.client, room);
    const typing = () => engine.asked.filter(({ name }) => name === 'typing.set').map(({ input }) => input);
    for (const text of ['a', 'ab', 'abc']) composer.text = text;
    expect(typing()).toEqual([{ conversation: room, typing: true }]);
    vi.advanceTimersByTime(3_000);
    composer.text = 'abcd';
    expect(typing()).toHaveLength(2);
    vi.advanceTimersByTime(5_000);
    expect(typing().at(-1)).toEqual({ conversation: room, typing: false });
  });
});

describe('the read marker', () => {
  it('marks the newest seq seen, once, and never one that was read before', () => {
    const engine = new HandEngine();
    const marker = new ReadMarker(engine.client, room, 5, () => true);
    marker.saw(4);
    vi.advanceTimersByTime(1_000);
    expect(engine.asked).toHaveLength(0);
    marker.saw(6);
    marker.saw(8);
    vi.advanceTimersByTime(150);
    marker.saw(8);
    vi.advanceTimersByTime(1_000);
    expect(engine.asked.map(({ input }) => input)).toEqual([{ conversation: room, seq: 8 }]);
  });

  it('marks nothing while the window is elsewhere, nor when it left in between', () => {
    const engine = new HandEngine();
    let watching = false;
    const marker = new ReadMarker(engine.client, room, 0, () => watching);
    marker.saw(3);
    vi.advanceTimersByTime(1_000);
    watching = true;
    marker.saw(3);
    watching = false;
    vi.advanceTimersByTime(1_000);
    expect(engine.asked).toHaveLength(0);
  });

  it('tries again at the next look when it failed', async () => {
    const engine = new HandEngine();
    const marker = new ReadMarker(engine.client, room, 0, () => true);
    marker.saw(3);
    vi.advanceTimersByTime(150);
    await engine.at(0).refuse(new ParleyError('storage_busy', { message: 'Busy.' }));
    marker.saw(3);
    vi.advanceTimersByTime(150);
    expect(engine.asked).toHaveLength(2);
  });
});

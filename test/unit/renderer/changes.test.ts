/** Editing, deleting and reacting on the screens: what is offered, what is said, and that no word is lost. */
import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../bridge/text-rules.ts';
import type { ContentView, MessageView, ReactionView } from '../../../bridge/views.ts';
import { editWords, lastEditable, mayAnswer, mayDelete, mayEdit } from '../../../renderer/app/chat/message-powers.ts';
import { excerptOf, messageLabel, quoteWords } from '../../../renderer/app/chat/message-words.ts';
import { reactionLabel, reactionTitle } from '../../../renderer/app/chat/reaction-words.ts';
import { Composer } from '../../../renderer/app/composer/composer.svelte.ts';
import { previewLine } from '../../../renderer/app/conversations/preview-words.ts';
import { brand, HandEngine, message, room } from './made-up.ts';

const deleted: Partial<MessageView> = { content: { kind: 'deleted' } };
const own: Partial<MessageView> = { own: true, state: 'read' };

function media(kind: 'picture' | 'voice', text: string): ContentView {
  const facts = { name: 'a', type: '', bytes: 1, width: null, height: null, durationMs: null };
  const rest = { thumbnail: null, waveform: null, dangerous: false, held: true, transfer: null };
  return { kind: 'media', items: [{ item: 0, kind, ...facts, ...rest }], text, replyTo: null };
}

describe('what a message offers', () => {
  it('own words and captions can be edited, other people’s and deleted ones can not', () => {
    expect(mayEdit(message(1, own))).toBe(true);
    expect(mayEdit(message(1))).toBe(false);
    expect(mayEdit(message(1, { ...own, ...deleted }))).toBe(false);
    expect(mayEdit(message(1, { ...own, content: { kind: 'unsupported' } }))).toBe(false);
    expect(mayEdit(message(1, { ...own, content: media('picture', '') }))).toBe(true);
    expect(mayEdit(message(1, { ...own, content: media('voice', '') }))).toBe(false);
  });

  it('one that waits can be edited and deleted; one that failed is sent again or discarded instead', () => {
    const waiting = message(1, { own: true, seq: null, state: 'queued' });
    expect([mayEdit(waiting), mayDelete(waiting), mayAnswer(waiting)]).toEqual([true, true, false]);
    const failed = message(1, { own: true, seq: null, state: 'failed' });
    expect([mayEdit(failed), mayDelete(failed)]).toEqual([false, false]);
  });

  it('what is deleted can be neither answered nor deleted again', () => {
    const gone = message(1, { ...own, ...deleted });
    expect([mayAnswer(gone), mayDelete(gone)]).toEqual([false, false]);
  });

  it('a caption is added, then edited', () => {
    expect(editWords(media('picture', ''))).toBe('Add caption');
    expect(editWords(media('picture', 'Harbour'))).toBe('Edit caption');
    expect(editWords(message(1).content)).toBe('Edit');
  });

  it('"up" goes to the last own message that can be edited', () => {
    const all = [message(1, own), message(2, own), message(3, { ...own, ...deleted }), message(4)];
    expect(lastEditable(all)?.id).toBe('m2');
    expect(lastEditable([message(1)])).toBeUndefined();
  });
});

describe('editing in the composer', () => {
  function editing(text = 'about 40') {
    const engine = new HandEngine();
    const composer = new Composer(engine.client, room);
    composer.text = 'draft';
    const target = message(1, { ...own, content: { kind: 'text', text, replyTo: null } });
    composer.edit(target);
    return { engine, composer, target };
  }

  it('sends the new text as it would be sent, and leaves the draft alone', async () => {
    const { engine, composer } = editing();
    if (composer.editing) composer.editing.text = '\nabout 41 \n';
    const saving = composer.saveEdit();
    expect(composer.editing).toBeNull();
    expect(engine.at(-1)).toMatchObject({
      name: 'messages.edit',
      input: { conversation: room, message: 'm1', text: 'about 41' },
    });
    await engine.at(-1).answer(message(1));
    await saving;
    expect([composer.text, composer.fault]).toEqual(['draft', null]);
  });

  it('sends nothing when nothing changed, when nothing is left, and when it is too long', async () => {
    for (const text of ['about 40', ' about 40\n', ' ', 'x'.repeat(16_385)]) {
      const { engine, composer } = editing(text.trim() === 'about 40' ? 'about 40' : 'before');
      if (composer.editing) composer.editing.text = text.trimStart();
      await composer.saveEdit();
      expect(engine.names()).not.toContain('messages.edit');
    }
  });

  it('a caption may be taken away altogether', () => {
    const engine = new HandEngine();
    const composer = new Composer(engine.client, room);
    composer.edit(message(1, { ...own, content: media('picture', 'Harbour') }));
    if (composer.editing) composer.editing.text = '';
    void composer.saveEdit();
    expect(engine.at(-1).input).toMatchObject({ text: '' });
  });

  it('comes back with its text when the outbox could not take it', async () => {
    const { engine, composer } = editing();
    if (composer.editing) composer.editing.text = 'about 41';
    const saving = composer.saveEdit();
    await engine.at(-1).refuse(new ParleyError('storage_failed', { message: 'The disk is full.' }));
    await saving;
    expect(composer.editing?.text).toBe('about 41');
    expect(composer.fault).toEqual({ what: 'Not changed', message: 'The disk is full.' });
  });

  it('puts the words into the draft when the message is deleted meanwhile', () => {
    const { composer, target } = editing();
    if (composer.editing) composer.editing.text = 'about 41';
    composer.follow({ messages: [{ ...target, ...deleted }], removed: [] });
    expect(composer.editing).toBeNull();
    expect(composer.text).toBe('draft\nabout 41');
    expect(composer.fault?.what).toBe('Not changed');
  });

  it('goes on when somebody reacts to the message meanwhile', () => {
    const { composer, target } = editing();
    if (composer.editing) composer.editing.text = 'about 41';
    composer.follow({ messages: [{ ...target, state: 'read' }], removed: [] });
    expect(composer.editing?.text).toBe('about 41');
  });

  it('what is replied to follows its changes, and is let go of when it is deleted', () => {
    const composer = new Composer(new HandEngine().client, room);
    composer.reply = message(3);
    composer.follow({ messages: [message(3, { edited: true })], removed: [] });
    expect(composer.reply.edited).toBe(true);
    composer.follow({ messages: [message(3, deleted)], removed: [] });
    expect(composer.reply).toBeNull();
  });
});

describe('changes in words', () => {
  it('deleted messages are said so as messages, quotes and previews', () => {
    expect(messageLabel(message(1, deleted), '14:20')).toBe('Anna, deleted message, 14:20');
    expect(excerptOf({ kind: 'deleted' })).toBe('This message was deleted');
    const quote = { id: brand<never>('m1'), sender: null, excerpt: null, media: null, deleted: true };
    expect(quoteWords(quote)).toBe('This message was deleted');
    const preview = { text: '', kind: 'deleted', media: null, own: false, state: 'received' } as const;
    expect(previewLine(preview)).toMatchObject({ words: 'Message deleted', leaning: true });
  });

  it('an edited message says so', () => {
    expect(messageLabel(message(1, { ...own, edited: true }), '14:20')).toBe('You, edited, 14:20, Read');
  });

  const people = ['me', 'anna', 'ben'].map((id) => ({ id: brand<never>(id), username: id, displayName: id }));
  const reaction = (count: number, mine: boolean, shown: number): ReactionView => {
    return { emoji: '👍', count, own: mine, people: people.slice(mine ? 0 : 1, (mine ? 0 : 1) + shown) };
  };
  it.each([
    [reaction(1, false, 1), 'Thumbs up, one person', 'anna: thumbs up'],
    [reaction(1, true, 1), 'Thumbs up, you', 'You: thumbs up'],
    [reaction(2, true, 2), 'Thumbs up, 2 people, you among them', 'You and anna: thumbs up'],
    [reaction(2, false, 2), 'Thumbs up, 2 people', 'anna and ben: thumbs up'],
    [reaction(9, true, 3), 'Thumbs up, 9 people, you among them', 'You, anna, ben and 6 others: thumbs up'],
    [reaction(3, false, 2), 'Thumbs up, 3 people', 'anna, ben and one other: thumbs up'],
  ])('%# is said as "%s"', (view, label, title) => {
    expect(reactionLabel(view)).toBe(label);
    expect(reactionTitle(view, 'me')).toBe(title);
  });
});

/** How files stand: what is shown of them, what can be done, and what is said. */
import { describe, expect, it } from 'vitest';
import type { MediaItemView, TransferView } from '../../../bridge/media-views.ts';
import { dangerWords } from '../../../renderer/app/media/danger-words.ts';
import { actFor, actWords, canGiveUp } from '../../../renderer/app/media/media-acts.ts';
import { MediaFiles } from '../../../renderer/app/media/media-files.svelte.ts';
import { albumWords, mediaStand } from '../../../renderer/app/media/media-stand.ts';
import { excerptOf, messageLabel, quoteWords, spokenWords } from '../../../renderer/app/chat/message-words.ts';
import { brand, message } from './made-up.ts';

function item(changes: Partial<MediaItemView> = {}): MediaItemView {
  return {
    ...{ item: 0, kind: 'picture', name: 'a.jpg', type: 'image/jpeg', bytes: 4_000_000, width: 4, height: 3 },
    ...{ durationMs: null, thumbnail: null, waveform: null, dangerous: false, held: false, transfer: null },
    ...changes,
  };
}

function transfer(changes: Partial<TransferView>): TransferView {
  return {
    ref: { conversation: brand('room'), message: brand('m1'), item: 0 },
    ...{ direction: 'in', name: 'a.jpg', kind: 'picture', state: 'active', done: 1_000_000, bytes: 4_000_000 },
    ...{ bytesPerSecond: null, msLeft: null, path: null, waitingFor: [], fault: null, updatedAt: 0 },
    ...changes,
  };
}

const theirs = { own: false, me: null };
const anna = { id: brand<never>('anna'), username: 'anna', displayName: 'Anna' };

describe('a file', () => {
  it('that is here has nothing to tell', () => {
    expect(mediaStand(item({ held: true }), null, theirs)).toMatchObject({ phase: 'still', held: true, words: '' });
  });

  it('that is not here can be downloaded, and tells its size', () => {
    const stand = mediaStand(item(), null, theirs);
    expect(stand).toMatchObject({ phase: 'absent', held: false, words: '4\u00A0MB' });
    expect([actFor(stand.phase), actWords(stand), canGiveUp(stand)]).toEqual(['start', 'Download', false]);
  });

  it('that came a moment ago is here, whatever its message still says', () => {
    expect(mediaStand(item(), transfer({ state: 'done' }), theirs)).toMatchObject({ phase: 'still', held: true });
  });

  it('of one’s own that was freed is not here, though it was sent', () => {
    const sent = transfer({ direction: 'out', state: 'done' });
    expect(mediaStand(item(), sent, { own: true, me: null })).toMatchObject({ phase: 'absent', held: false });
  });

  it('that travels tells how far it is and can be paused and given up', () => {
    const stand = mediaStand(item(), transfer({}), theirs);
    expect(stand).toMatchObject({ phase: 'active', progress: 0.25, words: '1\u00A0MB of 4\u00A0MB' });
    expect([actFor(stand.phase), canGiveUp(stand)]).toEqual(['pause', true]);
  });

  it('that waits says for whom, or why', () => {
    const waits = transfer({ direction: 'out', state: 'waiting', waitingFor: [anna] });
    expect(mediaStand(item({ held: true }), waits, theirs).words).toBe('Waiting for Anna to be online');
    const full = { ...waits, fault: { code: 'storage_full', message: 'The relay is full.' } };
    expect(mediaStand(item({ held: true }), full, theirs).words).toBe('The relay is full.');
    expect(actFor('waiting')).toBeNull();
  });

  it('that failed says what happened, and can be tried again', () => {
    const fault = { code: 'quota_exceeded', message: 'Your quota is used up.' };
    const out = mediaStand(item({ held: true }), transfer({ direction: 'out', state: 'failed', fault }), theirs);
    expect(out.words).toBe('Not sent: Your quota is used up.');
    expect([actFor(out.phase), actWords(out)]).toEqual(['start', 'Send again']);
    const into = mediaStand(item(), transfer({ state: 'failed', fault: null }), theirs);
    expect([into.words, actWords(into)]).toEqual(['Not fetched', 'Try again']);
  });

  it('whose download was cancelled is as if it had never been asked for; one’s own stays stopped', () => {
    expect(mediaStand(item(), transfer({ state: 'cancelled' }), theirs).phase).toBe('absent');
    const stopped = mediaStand(item({ held: true }), transfer({ direction: 'out', state: 'cancelled' }), theirs);
    expect(stopped).toMatchObject({ phase: 'failed', words: 'Not sent: you stopped it.' });
  });
});

describe('the files of one message together', () => {
  const stands = (...states: (TransferView['state'] | null)[]) =>
    states.map((state) => mediaStand(item(), state && transfer({ state }), theirs));

  it('say nothing when there is nothing to tell', () => {
    expect(albumWords(stands('done', 'done'))).toBe('');
  });
  it('count what is through while something moves, and leave out what nobody asked for', () => {
    expect(albumWords(stands('done', 'active', null))).toBe('5\u00A0MB of 8\u00A0MB');
  });
  it('tell how much there is to download', () => {
    expect(albumWords(stands(null, null, 'done'))).toBe('8\u00A0MB');
  });
  it('say the gravest first', () => {
    expect(albumWords(stands('active', 'failed', null))).toBe('Not fetched');
    expect(albumWords(stands('paused', 'waiting'))).toMatch(/^Waiting/);
  });
});

describe('a dangerous file', () => {
  it.each([
    ['setup.EXE', 'a program'],
    ['run.ps1', 'a script'],
    ['page.html', 'a web page or drawing that can run programs'],
    ['logo.svg', 'a web page or drawing that can run programs'],
    ['budget.xlsm', 'a document that can run programs'],
    ['Photos.lnk', 'a shortcut that can start a program'],
    ['odd.thing', 'a file that can run programs'],
    ['odd', 'a file that can run programs'],
  ])('%s is %s', (name, words) => {
    expect(dangerWords(name)).toBe(words);
  });

  it('is opened only after the question, others at once', async () => {
    const asked: unknown[] = [];
    const shell = {
      invoke: (...call: unknown[]) => {
        asked.push(call);
        return Promise.resolve(undefined);
      },
    } as unknown as ConstructorParameters<typeof MediaFiles>[0];
    const files = new MediaFiles(shell, { fail: () => undefined, tell: () => undefined });
    const file = { ref: transfer({}).ref, name: 'setup.exe', dangerous: true, sender: 'Anna' };
    await files.open(file);
    expect(asked).toEqual([]);
    expect(files.asking).toEqual(file);
    files.dontOpen();
    await files.openAnyway();
    expect(asked).toEqual([]);
    await files.open(file);
    await files.openAnyway();
    await files.open({ ...file, dangerous: false });
    expect(asked).toEqual([
      ['media.open', { ...file.ref, confirmed: true }],
      ['media.open', { ...file.ref, confirmed: false }],
    ]);
  });
});

describe('a message with files in words', () => {
  const photos = { kind: 'media' as const, items: [item(), item({ item: 1 })], text: '', replyTo: null };

  it('is named by its files, and by its caption too', () => {
    expect(excerptOf(photos)).toBe('2 photos');
    expect(excerptOf({ ...photos, text: 'From  the\nhill' })).toBe('2 photos, From the hill');
    expect(excerptOf({ ...photos, items: [item(), item({ kind: 'file', name: 'a.pdf' })] })).toBe('2 files');
    expect(excerptOf({ ...photos, items: [item(), item({ kind: 'video' })] })).toBe('2 photos');
    expect(excerptOf({ ...photos, items: [item({ kind: 'video', durationMs: 42_000 })] })).toBe('Video 0:42');
  });

  it('is read out with its sender, and named with what it is', () => {
    const photo = message(1, { content: photos });
    expect(spokenWords(photo)).toBe('Anna: 2 photos');
    expect(messageLabel(photo, '14:20')).toBe('Anna, 2 photos, 14:20');
  });

  it('is quoted by its files when it has no words, and said to be missing when it is', () => {
    const quote = { id: brand<never>('m1'), sender: anna, excerpt: '', media: null, deleted: false };
    expect(quoteWords({ ...quote, media: { kind: 'voice', count: 1, name: 'v', durationMs: 42_000 } })).toBe(
      'Voice message 0:42',
    );
    expect(quoteWords({ ...quote, excerpt: 'Hello' })).toBe('Hello');
    expect(quoteWords({ ...quote, excerpt: null })).toBe('Not on this computer yet');
  });
});

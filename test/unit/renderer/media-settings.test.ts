/** Settings for files, what files take on disk, and the previews of the list. */
import { describe, expect, it } from 'vitest';
import { defaultMediaSettings } from '../../../bridge/media-views.ts';
import { limits } from '../../../bridge/text-rules.ts';
import { previewLine } from '../../../renderer/app/conversations/preview-words.ts';
import { MediaRules } from '../../../renderer/app/settings/media-rules.svelte.ts';
import { sizeChoices } from '../../../renderer/app/settings/size-choices.ts';
import { StorageUse } from '../../../renderer/app/settings/storage-use.svelte.ts';
import { shortcutOf } from '../../../renderer/app/window/shortcuts.ts';
import { brand, HandEngine, room } from './made-up.ts';

const plain = (words: string): string => words.replaceAll('\u00A0', ' ');

describe('sizes to choose from', () => {
  const words = (present: number): string[] => sizeChoices(present).map((choice) => plain(choice.words));
  it('are the usual ones', () => {
    expect(words(0)).toEqual(['Never', 'Up to 1 MB', 'Up to 5 MB', 'Up to 20 MB', 'Up to 100 MB', 'Any size']);
  });

  it('take in the present one in its place', () => {
    expect(words(25_000_000)[4]).toBe('Up to 25 MB');
    for (const present of Object.values(defaultMediaSettings.autoDownload))
      expect(sizeChoices(present).map(({ value }) => value)).toContain(present);
  });

  it('end with the largest file that there can be', () => {
    expect(sizeChoices(limits.fileBytes).at(-1)).toEqual({ value: limits.fileBytes, words: 'Any size' });
  });
});

describe('the rules for files', () => {
  async function ready() {
    const engine = new HandEngine();
    const rules = new MediaRules(engine.client);
    rules.follow();
    await engine.at(0).answer(defaultMediaSettings);
    const path = () => (rules.phase.state === 'ready' ? rules.phase.rules.path : null);
    return { engine, rules, path };
  }

  it('change at once, and back when the engine refuses', async () => {
    const { engine, rules, path } = await ready();
    const setting = rules.set({ path: 'relay' });
    expect(path()).toBe('relay');
    const refused = expect(setting).rejects.toThrow('no');
    await engine.at(-1).refuse(new Error('no'));
    await refused;
    expect(path()).toBe('automatic');
  });

  it('follow what another window sets', async () => {
    const { engine, path } = await ready();
    engine.emit('media.settings-changed', { ...defaultMediaSettings, path: 'direct' });
    expect(path()).toBe('direct');
  });
});

describe('storage', () => {
  const usage = (...sizes: number[]) => ({
    totalBytes: sizes.reduce((sum, size) => sum + size, 0),
    freeBytes: 1,
    conversations: sizes.map((bytes, index) => ({ conversation: brand(`c${index}`), title: 'x', bytes, files: 1 })),
  });

  it('lists the conversations with the most first, without those that take nothing', async () => {
    const engine = new HandEngine();
    const storage = new StorageUse(engine.client);
    const loading = storage.load();
    await engine.at(0).answer(usage(5, 0, 9));
    await loading;
    const shown = storage.phase.state === 'ready' ? storage.phase.usage.conversations : [];
    expect(shown.map(({ bytes }) => bytes)).toEqual([9, 5]);
  });

  it.each([
    [{ bytes: 240_000_000, files: 1_204 }, 'Freed 240 MB: 1,204 files.'],
    [{ bytes: 1_000, files: 1 }, 'Freed 1 kB: one file.'],
    [{ bytes: 0, files: 0 }, 'Nothing was removed: nobody else has these files yet.'],
  ])('freeing %j is told as "%s"', async (freed, words) => {
    const engine = new HandEngine();
    const storage = new StorageUse(engine.client);
    const freeing = storage.free(room);
    await engine.at(0).answer(freed);
    await engine.at(1).answer(usage(1));
    expect(plain(await freeing)).toBe(words);
  });
});

describe('previews of the list', () => {
  const preview = { text: '', kind: 'media' as const, own: false, state: 'received' as const };
  const photo = { kind: 'picture' as const, count: 1, name: 'a.jpg', durationMs: null };

  it('a caption comes first, and the sign says what it belongs to', () => {
    expect(previewLine({ ...preview, media: photo })).toMatchObject({ words: 'Photo', iconWords: null });
    const captioned = previewLine({ ...preview, text: 'The hill', media: photo });
    expect(captioned).toMatchObject({ words: 'The hill', iconWords: 'Photo' });
    expect(captioned.icon).not.toBeNull();
  });

  it('an album of mixed files does not wear the sign of its first', () => {
    const album = { kind: 'file' as const, count: 2, name: 'setup.exe', durationMs: null };
    expect(previewLine({ ...preview, media: album })).toMatchObject({ words: '2 files' });
    expect(previewLine({ ...preview, media: album }).icon).not.toBe(
      previewLine({ ...preview, media: { ...album, count: 1 } }).icon,
    );
  });

  it('text has no sign', () => {
    expect(previewLine({ ...preview, kind: 'text', text: 'hello', media: null }).icon).toBeNull();
    expect(previewLine(null)).toEqual({ words: '', icon: null, iconWords: null, leaning: false });
  });
});

it('Ctrl+J, on macOS Cmd+J, opens the transfers', () => {
  const keys = { key: 'j', code: 'KeyJ', ctrlKey: true, metaKey: false, altKey: false, shiftKey: false };
  expect(shortcutOf(keys, false)).toEqual({ do: 'transfers' });
  expect(shortcutOf(keys, true)).toBeNull();
  expect(shortcutOf({ ...keys, ctrlKey: false, metaKey: true }, true)).toEqual({ do: 'transfers' });
});

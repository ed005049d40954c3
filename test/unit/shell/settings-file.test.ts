import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultSettings } from '../../../bridge/shell-contract.ts';
import { createSettingsStore, parseSettings } from '../../../main/settings-file.ts';
import { createLogStub } from './log-stub.ts';

let dir: string;
let file: string;
const log = createLogStub();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-settings-'));
  file = join(dir, 'settings.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the settings file', () => {
  it('gives the defaults while there is no file', () => {
    expect(createSettingsStore(file, log).get()).toEqual(defaultSettings);
    expect(existsSync(file)).toBe(false);
  });

  it('keeps a change for the next start, readable by this user alone', () => {
    createSettingsStore(file, log).set({ theme: 'dark', textScale: 120 });
    expect(createSettingsStore(file, log).get()).toEqual({ ...defaultSettings, theme: 'dark', textScale: 120 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('keeps names that a newer version wrote', () => {
    writeFileSync(file, JSON.stringify({ theme: 'dark', stickers: ['cat'] }));
    createSettingsStore(file, log).set({ density: 'compact' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      stickers: ['cat'],
      density: 'compact',
      theme: 'dark',
    });
  });

  it('sets a broken file aside and goes on with the defaults', () => {
    writeFileSync(file, '{"theme": "da');
    const store = createSettingsStore(file, log);
    expect(store.get()).toEqual(defaultSettings);
    expect(readFileSync(`${file}.broken`, 'utf8')).toBe('{"theme": "da');
    store.set({ theme: 'light' });
    expect(createSettingsStore(file, log).get().theme).toBe('light');
  });

  it.each(['null', '[]', '"dark"', '7'])('treats %s, which is JSON but no object, as broken', (text) => {
    writeFileSync(file, text);
    expect(createSettingsStore(file, log).get()).toEqual(defaultSettings);
    expect(existsSync(`${file}.broken`)).toBe(true);
  });

  it('takes each valid value by itself when another is not valid', () => {
    expect(parseSettings({ theme: 'purple', textScale: 9_000, density: 'compact', enterSends: 'yes' })).toEqual({
      ...defaultSettings,
      density: 'compact',
    });
  });

  it('tells listeners once a change is stored, and not after they left', () => {
    const store = createSettingsStore(file, log);
    const seen: string[] = [];
    const leave = store.onChange(({ theme }) => seen.push(theme));
    store.set({ theme: 'dark' });
    leave();
    store.set({ theme: 'light' });
    expect(seen).toEqual(['dark']);
  });

  it('says so and changes nothing when the file cannot be written', () => {
    const store = createSettingsStore(file, log);
    mkdirSync(join(file, 'in-the-way'), { recursive: true });
    expect(() => store.set({ theme: 'dark' })).toThrow(expect.objectContaining({ code: 'storage_failed' }));
    expect(store.get().theme).toBe('system');
  });

  it('ignores undefined in a change', () => {
    const store = createSettingsStore(file, log);
    store.set({ theme: 'dark' });
    expect(store.set({ theme: undefined, density: 'compact' })).toMatchObject({ theme: 'dark', density: 'compact' });
  });
});

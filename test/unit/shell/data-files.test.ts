import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createDataFiles } from '../../../main/data-files.ts';
import type { AskEngine } from '../../../main/media-answer.ts';

interface Asked {
  readonly title?: string;
  readonly defaultPath?: string;
}

const dialogs = vi.hoisted(() => ({
  save: { canceled: true, filePath: '' },
  open: { canceled: true, filePaths: [] as string[] },
  asked: [] as Asked[],
}));

vi.mock('electron', () => ({
  app: { getPath: () => '/home/anna/Documents' },
  dialog: {
    showSaveDialog: (_window: unknown, options: Asked) => {
      dialogs.asked.push(options);
      return Promise.resolve(dialogs.save);
    },
    showOpenDialog: (_window: unknown, options: Asked) => {
      dialogs.asked.push(options);
      return Promise.resolve(dialogs.open);
    },
  },
}));

const begun: unknown[] = [];
const ask = ((name: string, input: unknown) => {
  if (name === 'data.title') return Promise.resolve('Parley anna 2026-11-23');
  begun.push({ name, input });
  return Promise.resolve();
}) as AskEngine;
const create = () => createDataFiles({ ask, window: () => ({}) as never });

beforeEach(() => {
  begun.length = 0;
  dialogs.asked.length = 0;
  dialogs.save = { canceled: true, filePath: '' };
  dialogs.open = { canceled: true, filePaths: [] };
});

describe('copies of all data', () => {
  it('begin nothing when the person chooses no place', async () => {
    const files = create();
    const answers = [
      await files.export(),
      await files.import(),
      await files.backup('a passphrase'),
      await files.restore('a passphrase'),
    ];
    expect(answers).toEqual([false, false, false, false]);
    expect(begun).toEqual([]);
  });

  it('are proposed under a name that says whose they are and of which day', async () => {
    const files = create();
    await files.export();
    await files.backup('a passphrase');
    expect(dialogs.asked.map(({ defaultPath }) => defaultPath)).toEqual([
      '/home/anna/Documents/Parley anna 2026-11-23',
      '/home/anna/Documents/Parley anna 2026-11-23.parley-backup',
    ]);
  });

  it('go where the person says, and the next dialog begins there', async () => {
    const files = create();
    dialogs.save = { canceled: false, filePath: '/media/stick/mine' };
    expect(await files.export()).toBe(true);
    expect(await files.backup('a passphrase')).toBe(true);
    dialogs.open = { canceled: false, filePaths: ['/media/stick/mine'] };
    expect(await files.import()).toBe(true);
    expect(await files.restore('a passphrase')).toBe(true);
    expect(begun).toEqual([
      { name: 'data.export', input: { folder: '/media/stick/mine' } },
      { name: 'data.backup', input: { file: '/media/stick/mine', passphrase: 'a passphrase' } },
      { name: 'data.import', input: { folder: '/media/stick/mine' } },
      { name: 'data.restore', input: { file: '/media/stick/mine', passphrase: 'a passphrase' } },
    ]);
    expect(dialogs.asked[1]?.defaultPath).toBe('/media/stick/Parley anna 2026-11-23.parley-backup');
  });
});

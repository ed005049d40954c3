/** The disk of a process whose power is cut: keeps what was synced, and of the rest only what chance leaves. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Random } from '../random.ts';
import { RecordedFiles } from './journal.ts';
import { recorderLibrary } from './recorder.ts';

export interface PowerCutDisk {
  /** Right before the process starts: remembers the files as they are. @returns what its environment needs. */
  begin(): Record<string, string>;
  /** Right after the process was killed. @param keep chance, from 0 up to 1. @returns unsynced changes that were dropped. */
  cut(keep: number): number;
}

export const canCutPower = (): boolean => recorderLibrary() !== null;

/** @param dataDir what is recorded. @param folder for the recorder's own files, outside of it. */
export function openPowerCutDisk(dataDir: string, folder: string): PowerCutDisk {
  const base = join(folder, 'base');
  const journal = join(folder, 'journal');
  mkdirSync(folder, { recursive: true });

  function baseOf(path: string): Buffer {
    const file = join(base, relative(dataDir, path));
    return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  }

  return {
    begin() {
      rmSync(base, { recursive: true, force: true });
      mkdirSync(dataDir, { recursive: true });
      cpSync(dataDir, base, { recursive: true, filter: (path) => !path.endsWith('.sock') });
      writeFileSync(journal, '');
      return { LD_PRELOAD: recorderLibrary() ?? '', RIG_RECORD_ROOT: dataDir, RIG_RECORD_JOURNAL: journal };
    },
    cut(keep) {
      const files = new RecordedFiles(baseOf);
      files.replay(readFileSync(journal));
      const dropped = files.cut(new Random(Math.floor(keep * 2 ** 32)));
      for (const [path, content] of files.contents()) {
        if (existsSync(dirname(path))) writeFileSync(path, content);
      }
      forgetSharedMemory(dataDir);
      return dropped;
    },
  };
}

/** Shared memory does not outlive the power. */
function forgetSharedMemory(dataDir: string): void {
  for (const name of readdirSync(dataDir, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('-shm')) rmSync(join(dataDir, name));
  }
}

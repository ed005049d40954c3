/** Keeps a few files open between uses, so that reading chunk after chunk neither opens again nor runs out of handles. */
import { constants } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface FilePool {
  /** Runs work with a file that is there. @throws the system's error, ENOENT for a file that is not. */
  read<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T>;
  /** The same with a file that is made when it is not there, its folder with it. */
  write<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T>;
  /** Closes the file once nobody uses it, so that it can be moved or removed. */
  release(path: string): Promise<void>;
  close(): Promise<void>;
}

interface Opened {
  readonly handle: Promise<FileHandle>;
  users: number;
  /** Set by whoever waits for the last user to be done. */
  onIdle: (() => void) | null;
}

const privateFile = 0o600;
const privateFolder = 0o700;

/** @param most files that stay open while nobody uses them. */
export function createFilePool(most = 16): FilePool {
  /** The least recently used first. */
  const files = new Map<string, Opened>();

  async function use<T>(path: string, make: boolean, work: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = files.get(path) ?? { handle: openFile(path, make), users: 0, onIdle: null };
    files.delete(path);
    files.set(path, file);
    file.users++;
    try {
      return await work(await file.handle);
    } finally {
      file.users--;
      await leave(path, file);
    }
  }

  async function leave(path: string, file: Opened): Promise<void> {
    if (file.users > 0) return;
    file.onIdle?.();
    const failed = await file.handle.then(
      () => false,
      () => true,
    );
    if (failed && files.get(path) === file) files.delete(path);
    await shrink();
  }

  async function shrink(): Promise<void> {
    for (const [path, file] of files) {
      if (files.size <= most) return;
      if (file.users > 0) continue;
      files.delete(path);
      await closeHandle(file);
    }
  }

  async function release(path: string): Promise<void> {
    const file = files.get(path);
    if (!file) return;
    files.delete(path);
    if (file.users > 0) await new Promise<void>((resolve) => (file.onIdle = resolve));
    await closeHandle(file);
  }

  return {
    read: (path, work) => use(path, false, work),
    write: (path, work) => use(path, true, work),
    release,
    async close() {
      for (const path of [...files.keys()]) await release(path);
    },
  };
}

async function openFile(path: string, make: boolean): Promise<FileHandle> {
  if (!make) return open(path, 'r+');
  await mkdir(dirname(path), { recursive: true, mode: privateFolder });
  return open(path, constants.O_RDWR | constants.O_CREAT, privateFile);
}

async function closeHandle({ handle }: Opened): Promise<void> {
  const opened = await handle.catch(() => null);
  await opened?.close();
}

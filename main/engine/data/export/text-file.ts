/** A text file that is written piece by piece, with little of it in memory. */
import { open } from 'node:fs/promises';

export interface TextFile {
  write(text: string): Promise<void>;
  /** It is on disk when this resolves. */
  finish(): Promise<void>;
  /** Lets go of it, finished or not. */
  close(): Promise<void>;
}

const writtenAtOnce = 64 * 1024;

export async function createTextFile(path: string): Promise<TextFile> {
  const file = await open(path, 'wx', 0o600);
  let pending = '';
  let closed = false;

  async function flush(): Promise<void> {
    const text = pending;
    pending = '';
    await file.writeFile(text);
  }

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    await file.close();
  }

  return {
    async write(text) {
      pending += text;
      if (pending.length >= writtenAtOnce) await flush();
    },
    async finish() {
      await flush();
      await file.datasync();
      await close();
    },
    close,
  };
}

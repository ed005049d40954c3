/** Makes names in a folder as durable as the files behind them. */
import { open } from 'node:fs/promises';

/** Windows flushes names with the files, and cannot open a folder. */
export async function fsyncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** How much room the relay's disk has, and whether that is enough. */
import { existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export interface DiskSpace {
  readonly state: 'ok' | 'low' | 'full';
  readonly freeBytes: number;
  readonly totalBytes: number;
}

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;
/** Below this the relay does not start: the write-ahead log alone needs a part of it. */
const leastFree = 64 * mebibyte;
const lowFree = gibibyte;
const lowShare = 0.05;

/** Of the disk that holds the folder, or will hold it. Root's reserve does not count as free. */
export function readDiskSpace(folder: string): DiskSpace {
  const { bavail, blocks, bsize } = statfsSync(nearestFolder(resolve(folder)));
  return judgeDiskSpace(bavail * bsize, blocks * bsize);
}

export function judgeDiskSpace(freeBytes: number, totalBytes: number): DiskSpace {
  const low = freeBytes < lowFree || freeBytes < totalBytes * lowShare;
  return { state: freeBytes < leastFree ? 'full' : low ? 'low' : 'ok', freeBytes, totalBytes };
}

export function describeBytes(bytes: number): string {
  if (bytes < mebibyte) return `${Math.ceil(bytes / 1024)} KiB`;
  return bytes < gibibyte ? `${Math.floor(bytes / mebibyte)} MiB` : `${(bytes / gibibyte).toFixed(1)} GiB`;
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

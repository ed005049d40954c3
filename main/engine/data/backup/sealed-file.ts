/** A sealed file as a stream of bytes: written from the first to the last, read the same way. */
import { open, type FileHandle } from 'node:fs/promises';
import {
  createBackupHeader,
  cutBackup,
  damagedBackup,
  headerBytes,
  openBackupHeader,
  type Cost,
} from './backup-header.ts';
import { createFrameSealing, frameFormat, type FrameSealing } from './frame-sealing.ts';

export interface SealedWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** All of it is on disk when it resolves; without it the file cannot be read. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

export async function createSealedWriter(path: string, passphrase: string, cost?: Cost): Promise<SealedWriter> {
  const made = await createBackupHeader(passphrase, cost);
  const sealing = createFrameSealing(made);
  const file = await open(path, 'wx', 0o600);
  const pending = Buffer.allocUnsafe(frameFormat.plainBytes);
  let filled = 0;
  let index = 0;
  let closed = false;

  /** Only the last frame is sealed as such, so a full one waits until it is known whether more comes. */
  async function sealPending(last: boolean): Promise<void> {
    if (index === 0) await file.writeFile(made.header);
    const sealed = sealing.seal(index++, last, pending.subarray(0, filled));
    filled = 0;
    await file.writeFile(sealed);
  }

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    await file.close();
  }

  return {
    async write(bytes) {
      for (let at = 0; at < bytes.byteLength;) {
        if (filled === pending.byteLength) await sealPending(false);
        const part = bytes.subarray(at, at + pending.byteLength - filled);
        pending.set(part, filled);
        filled += part.byteLength;
        at += part.byteLength;
      }
    },
    async finish() {
      pending.fill(0, filled);
      filled = pending.byteLength;
      await sealPending(true);
      await file.sync();
      await close();
    },
    close,
  };
}

export interface SealedReader {
  /** Of the sealed file, and how many of them are read. */
  readonly bytes: number;
  position(): number;
  /** @returns so many bytes. @throws ParleyError `file_unreadable` when they are damaged or not there. */
  read(bytes: number): Promise<Buffer>;
  /** @throws ParleyError `file_unreadable` unless all but the filling was read. */
  assertEnd(): void;
  close(): Promise<void>;
}

/** @throws ParleyError as `openBackupHeader`; `file_unreadable` when the file was cut. */
export async function openSealedReader(path: string, passphrase: string): Promise<SealedReader> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const opened = await openBackupHeader(await readAt(file, 0, headerBytes), passphrase);
    if (size === headerBytes || (size - headerBytes) % frameFormat.sealedBytes !== 0) throw cutBackup();
    return createReader(file, size, createFrameSealing(opened));
  } catch (error) {
    await file.close();
    throw error;
  }
}

function createReader(file: FileHandle, size: number, sealing: FrameSealing): SealedReader {
  const frames = (size - headerBytes) / frameFormat.sealedBytes;
  let frame: Buffer = Buffer.alloc(0);
  let at = 0;
  let index = 0;

  const position = () => Math.min(size, headerBytes + index * frameFormat.sealedBytes);

  async function nextFrame(): Promise<void> {
    if (index === frames) throw damagedBackup();
    const last = index === frames - 1;
    const sealed = await readAt(file, headerBytes + index * frameFormat.sealedBytes, frameFormat.sealedBytes);
    const opened = sealing.open(index, last, sealed);
    // Behind the last one that is there others stood.
    if (!opened) throw last && sealing.open(index, false, sealed) ? cutBackup() : damagedBackup();
    frame = opened;
    at = 0;
    index++;
  }

  return {
    bytes: size,
    position,
    async read(bytes) {
      const parts: Buffer[] = [];
      for (let missing = bytes; missing > 0;) {
        if (at === frame.byteLength) await nextFrame();
        const part = frame.subarray(at, at + missing);
        at += part.byteLength;
        missing -= part.byteLength;
        parts.push(part);
      }
      return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    },
    assertEnd() {
      if (index !== frames || frame.subarray(at).some((byte) => byte !== 0)) throw damagedBackup();
    },
    close: () => file.close(),
  };
}

/** @returns fewer bytes at the end of the file. */
async function readAt(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  let filled = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, filled, bytes - filled, position + filled);
    filled += bytesRead;
    if (bytesRead === 0 || filled === bytes) return buffer.subarray(0, filled);
  }
}

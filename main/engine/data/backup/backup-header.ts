/**
 * The first 76 bytes of a backup: what it is, and what turns its passphrase into its key.
 *
 *   magic 16 (ASCII) · log2 N, r, p, zero (a byte each) · salt 16 · check 32 · sum 8
 *
 * scrypt (RFC 7914) of passphrase and salt gives 64 bytes: the key of the frames, and the key of `check`, which is
 * HMAC-SHA-256 over all before it. So a wrong passphrase is told from a damaged header, whose `sum` (the start of the
 * SHA-256 over all before it) does not fit. The parameters are OWASP's for scrypt: 128 MiB and some tenths of a second.
 */
import { createHash, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { ParleyError } from '../../../../protocol/index.ts';

export const headerBytes = 76;

export interface BackupKey {
  readonly key: Uint8Array;
  /** The whole header, which every frame vouches for. */
  readonly header: Buffer;
}

/** What it takes to try a passphrase. */
export interface Cost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

const magic = Buffer.from('Parley backup 1\n', 'ascii');
const family = Buffer.from('Parley backup ', 'ascii');
const usualCost: Cost = { logN: 17, r: 8, p: 1 };
/** What a file may ask for: no more memory and time than some times the usual. */
const greatestCost: Cost = { logN: 20, r: 8, p: 4 };
const saltBytes = 16;
const checkAt = magic.byteLength + 4 + saltBytes;
const sumAt = checkAt + 32;

/** @param cost less of it only where nothing is to be kept secret. */
export async function createBackupHeader(passphrase: string, cost: Cost = usualCost): Promise<BackupKey> {
  const { logN, r, p } = cost;
  const open = Buffer.concat([magic, Buffer.from([logN, r, p, 0]), randomBytes(saltBytes)]);
  const { key, checkKey } = await derive(passphrase, open);
  const checked = Buffer.concat([open, checkOf(checkKey, open)]);
  return { key, header: Buffer.concat([checked, sumOf(checked)]) };
}

/** @throws ParleyError `file_unreadable` for what is no backup or damaged, `wrong_credentials` for a wrong passphrase. */
export async function openBackupHeader(header: Buffer, passphrase: string): Promise<BackupKey> {
  if (!header.subarray(0, family.byteLength).equals(family)) throw notBackup();
  if (header.byteLength < headerBytes) throw cutBackup();
  const asOurs = Buffer.concat([magic, header.subarray(magic.byteLength, sumAt)]);
  const isSound = header.subarray(sumAt).equals(sumOf(asOurs));
  if (!header.subarray(0, magic.byteLength).equals(magic)) throw isSound ? damagedBackup() : newerBackup();
  if (!isSound) throw damagedBackup();
  const open = header.subarray(0, checkAt);
  const { key, checkKey } = await derive(passphrase, open);
  if (!timingSafeEqual(header.subarray(checkAt, sumAt), checkOf(checkKey, open))) throw wrongPassphrase();
  return { key, header };
}

async function derive(passphrase: string, open: Buffer): Promise<{ key: Uint8Array; checkKey: Uint8Array }> {
  const [logN = 0, r = 0, p = 0] = open.subarray(magic.byteLength);
  if (logN < 1 || r < 1 || p < 1 || logN > greatestCost.logN || r > greatestCost.r || p > greatestCost.p) {
    throw damagedBackup();
  }
  const salt = open.subarray(magic.byteLength + 4);
  const N = 2 ** logN;
  const derived = await new Promise<Buffer>((resolve, reject) => {
    const options = { N, r, p, maxmem: 128 * N * r + 128 * r * p + 1024 * 1024 };
    scrypt(passphrase.normalize('NFC'), salt, 64, options, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
  return { key: derived.subarray(0, 32), checkKey: derived.subarray(32) };
}

const checkOf = (checkKey: Uint8Array, open: Buffer) => createHmac('sha256', checkKey).update(open).digest();
const sumOf = (checked: Buffer) =>
  createHash('sha256')
    .update(checked)
    .digest()
    .subarray(0, headerBytes - sumAt);

export function damagedBackup(): ParleyError {
  return new ParleyError('file_unreadable', {
    message: 'This backup is damaged, so nothing was taken from it. Copy it from its source once more, or use another.',
  });
}

export function cutBackup(): ParleyError {
  return new ParleyError('file_unreadable', {
    message:
      'This backup is not complete: its end is missing. Copy it from its source once more, or use another. Nothing was taken from it.',
  });
}

function wrongPassphrase(): ParleyError {
  return new ParleyError('wrong_credentials', {
    message: 'This is not the passphrase of this backup. Check it, then try again.',
  });
}

function notBackup(): ParleyError {
  return new ParleyError('file_unreadable', { message: 'This is no backup of Parley, or its beginning is damaged.' });
}

function newerBackup(): ParleyError {
  return new ParleyError('file_unreadable', {
    message: 'This backup was made by a newer version of Parley. Update Parley to restore it.',
  });
}

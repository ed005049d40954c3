/** Keeps the session token: sealed by the system's keychain where there is one, else in a file of this user alone. */
import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { ParleyError } from '../protocol/index.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { describeError, type Log } from './log.ts';

export interface SecretStore {
  readonly storage: 'keychain' | 'file';
  /** Null when there is none, or when the keychain that sealed it is not there any more. */
  load(): string | null;
  /** On disk when it returns. @throws ParleyError `storage_failed`. */
  save(secret: string): void;
  erase(): void;
}

/** The part of Electron's `safeStorage` that is used. */
export interface Sealing {
  seal(secret: string): Buffer;
  open(sealed: Buffer): string;
}

const fileSchema = z.object({ form: z.enum(['sealed', 'plain']), value: z.string() });

export function createSecretStore(file: string, sealing: Sealing | null, log: Log): SecretStore {
  function save(secret: string): void {
    const stored = sealing
      ? { form: 'sealed', value: sealing.seal(secret).toString('base64') }
      : { form: 'plain', value: secret };
    try {
      writeFileAtomically(file, JSON.stringify(stored), 0o600);
    } catch (cause) {
      throw new ParleyError('storage_failed', {
        message: `The session could not be saved in ${file}. Check that the disk has room and that you may write there.`,
        cause,
      });
    }
  }

  function load(): string | null {
    const stored = readSecretFile(file, log);
    if (stored === null) return null;
    if (stored.form === 'plain') {
      if (sealing) trySealing(stored.value);
      return stored.value;
    }
    return openSealed(stored.value);
  }

  /** A keychain has come since the secret was saved: use it from now on. */
  function trySealing(secret: string): void {
    try {
      save(secret);
    } catch (error) {
      log.warn('secret.seal-failed', { error: describeError(error) });
    }
  }

  function openSealed(value: string): string | null {
    try {
      if (sealing) return sealing.open(Buffer.from(value, 'base64'));
      log.warn('secret.keychain-gone');
    } catch (error) {
      log.warn('secret.open-failed', { error: describeError(error) });
    }
    return null;
  }

  return { storage: sealing ? 'keychain' : 'file', load, save, erase: () => rmSync(file, { force: true }) };
}

function readSecretFile(file: string, log: Log): z.infer<typeof fileSchema> | null {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!absent) log.warn('secret.unreadable', { error: error instanceof Error ? error.name : 'unknown' });
    return null;
  }
}

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecretStore, type Sealing } from '../../../main/secrets.ts';
import { createLogStub } from './log-stub.ts';

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-secrets-'));
  file = join(dir, 'session.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Stands for a keychain: opens only what a keychain with the same key has sealed. */
function keychain(key: string): Sealing {
  return {
    seal: (secret) => Buffer.from(`${key}:${Buffer.from(secret).toString('hex')}`),
    open(sealed) {
      const [by, hex = ''] = sealed.toString().split(':');
      if (by !== key) throw new Error('wrong key');
      return Buffer.from(hex, 'hex').toString();
    },
  };
}

describe('the secret store', () => {
  it('keeps the secret in a file of this user alone where there is no keychain', () => {
    const store = createSecretStore(file, null, createLogStub());
    expect(store.storage).toBe('file');
    expect(store.load()).toBeNull();
    store.save('token-1');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(createSecretStore(file, null, createLogStub()).load()).toBe('token-1');
  });

  it('replaces a file that others could read by one that they cannot', () => {
    writeFileSync(file, JSON.stringify({ form: 'plain', value: 'old' }), { mode: 0o644 });
    createSecretStore(file, null, createLogStub()).save('new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('seals it where there is a keychain, so that the file does not hold it', () => {
    const store = createSecretStore(file, keychain('a'), createLogStub());
    expect(store.storage).toBe('keychain');
    store.save('token-2');
    expect(readFileSync(file, 'utf8')).not.toContain('token-2');
    expect(store.load()).toBe('token-2');
  });

  it('seals a secret from before the keychain at the first look', () => {
    createSecretStore(file, null, createLogStub()).save('token-3');
    expect(createSecretStore(file, keychain('a'), createLogStub()).load()).toBe('token-3');
    expect(readFileSync(file, 'utf8')).not.toContain('token-3');
  });

  it.each([
    ['another keychain', keychain('b')],
    ['no keychain', null],
  ])('treats a secret sealed by a lost keychain as none: now %s', (_now, sealing) => {
    createSecretStore(file, keychain('a'), createLogStub()).save('token-4');
    expect(createSecretStore(file, sealing, createLogStub()).load()).toBeNull();
  });

  it('treats a damaged file as none, and never logs what is in it', () => {
    writeFileSync(file, '{"form":"plain","value":"tok');
    const log = createLogStub();
    expect(createSecretStore(file, null, log).load()).toBeNull();
    expect(JSON.stringify(log.events)).not.toContain('tok');
    expect(log.events).toHaveLength(1);
  });

  it('erases it, also when there is none', () => {
    const store = createSecretStore(file, null, createLogStub());
    store.save('token-5');
    store.erase();
    store.erase();
    expect(existsSync(file)).toBe(false);
    expect(store.load()).toBeNull();
  });
});

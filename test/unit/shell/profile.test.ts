import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../main/command-line.ts';
import { chooseProfile, parseProfileName, windowTitle } from '../../../main/profile.ts';

const none = { profile: null, dataDir: null, deepLink: null };

describe('profile names', () => {
  it.each(['default', 'bob', 'work-2', 'a.b_c', '7', 'x'.repeat(32)])('takes %s', (name) => {
    expect(parseProfileName(name)).toBe(name);
  });

  it('makes no difference between large and small letters', () => {
    expect(parseProfileName(' Work ')).toBe('work');
  });

  it.each(['', '.', '..', '../x', 'a/b', 'a\\b', '-x', 'a b', 'ä', 'con', 'com1.txt', 'ends.', 'x'.repeat(33), 'a\0'])(
    'refuses %j with words that help',
    (name) => {
      expect(() => parseProfileName(name)).toThrow(/--profile work/);
    },
  );

  it('never lets a name reach another folder', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        let parsed: string;
        try {
          parsed = parseProfileName(name);
        } catch {
          return;
        }
        expect(resolve('/profiles', parsed)).toBe(`/profiles/${parsed}`);
      }),
    );
  });
});

describe('the choice of the profile', () => {
  it('is the default one below the folder of all profiles', () => {
    expect(chooseProfile(none, {}, '/data')).toEqual({
      name: 'default',
      dir: resolve('/data/Parley/profiles/default'),
    });
  });

  it('follows --profile and PARLEY_PROFILES_DIR', () => {
    const env = { PARLEY_PROFILES_DIR: '/elsewhere' };
    expect(chooseProfile({ ...none, profile: 'Bob' }, env, '/data')).toEqual({
      name: 'bob',
      dir: resolve('/elsewhere/bob'),
    });
  });

  it('puts --data-dir above PARLEY_DATA_DIR', () => {
    expect(chooseProfile(none, { PARLEY_DATA_DIR: '/env' }, '/data').dir).toBe(resolve('/env'));
    expect(chooseProfile({ ...none, dataDir: '/flag' }, { PARLEY_DATA_DIR: '/env' }, '/data').dir).toBe(
      resolve('/flag'),
    );
  });

  it('names the profile in the title unless it is the usual one', () => {
    expect(windowTitle({ name: 'default', dir: '/x' })).toBe('Parley');
    expect(windowTitle({ name: 'bob', dir: '/x' })).toBe('Parley (bob)');
  });
});

describe('the command line', () => {
  it('finds its flags between those of Chromium', () => {
    expect(parseCommandLine(['--no-sandbox', '--profile', 'bob', '--inspect=0', '--data-dir=/tmp/x'])).toEqual({
      profile: 'bob',
      dataDir: '/tmp/x',
      deepLink: null,
    });
  });

  it('takes the last of a repeated flag, and an empty name where none follows', () => {
    expect(parseCommandLine(['--profile=a', '--profile', 'b']).profile).toBe('b');
    expect(parseCommandLine(['--profile']).profile).toBe('');
  });

  it('finds a deep link', () => {
    expect(parseCommandLine(['.', 'parley://relay/chat.example.org']).deepLink).toBe('parley://relay/chat.example.org');
    expect(parseCommandLine(['https://example.org/parley://x']).deepLink).toBeNull();
  });
});

/** The first run: checking the relay, and faults beside the field they belong to. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ParleyError } from '../../../bridge/text-rules.ts';
import type { RelayView } from '../../../bridge/views.ts';
import { avatarColour, avatarColours, initials } from '../../../renderer/app/people/avatar.ts';
import { AccountForm, passwordStrength } from '../../../renderer/app/welcome/account-form.svelte.ts';
import { RelayCheck } from '../../../renderer/app/welcome/relay-check.svelte.ts';
import { shortcutList } from '../../../renderer/app/window/shortcut-list.ts';
import { shortcutOf } from '../../../renderer/app/window/shortcuts.ts';
import { brand, HandEngine } from './made-up.ts';

const relay: RelayView = {
  address: 'https://relay.example.org',
  id: brand('relay'),
  name: 'Home',
  version: '1',
  registration: 'invite',
  directory: true,
  secure: true,
};

describe('checking a relay', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('waits for typing to stop and believes only the answer about what stands there', async () => {
    const engine = new HandEngine();
    const check = new RelayCheck(engine.client, 400);
    check.address = 'rel';
    vi.advanceTimersByTime(400);
    check.address = 'relay.example.org';
    expect(check.result.state).toBe('checking');
    vi.advanceTimersByTime(400);
    await engine.at(0).refuse(new ParleyError('relay_unreachable', { message: 'Nothing at rel.' }));
    expect(check.result.state).toBe('checking');
    await engine.at(1).answer(relay);
    expect(check.relay).toEqual(relay);
    check.address = '';
    expect(check.result.state).toBe('empty');
  });
});

function form(answer: (name: string) => Promise<void>) {
  const sent: { name: string; input: unknown }[] = [];
  const act = (name: string) => (input: unknown) => {
    sent.push({ name, input });
    return answer(name);
  };
  return { sent, form: new AccountForm({ login: act('login'), register: act('register') }, '') };
}

describe('the account form', () => {
  it('sends nothing while a rule is broken, and says which field to look at', async () => {
    const { form: account, sent } = form(() => Promise.resolve());
    account.mode = 'register';
    account.type('username', 'a b');
    account.type('password', 'short');
    expect(account.fault('username')).toBeNull();
    account.leave('username');
    expect(account.fault('username')).toMatch(/letters a to z/);
    expect(await account.submit(relay)).toBe('username');
    expect(account.fault('password')).toBe('Use at least 8 characters.');
    expect(account.fault('invite')).toMatch(/code/);
    expect(sent).toEqual([]);
  });

  it.each([
    [new ParleyError('username_taken', { message: 'Taken.' }), 'username'],
    [new ParleyError('wrong_credentials', { message: 'Wrong.' }), 'password'],
    [new ParleyError('bad_request', { message: 'Bad.', field: 'displayName' }), 'displayName'],
    [new ParleyError('invite_invalid', { message: 'Used up.' }), 'invite'],
  ] as const)('puts %s beside its field', async (error, field) => {
    const { form: account } = form(() => Promise.reject(error));
    account.mode = 'register';
    for (const [name, text] of Object.entries({ username: 'mira', password: 'long enough', invite: 'abc' })) {
      account.type(name as 'username', text);
    }
    expect(await account.submit(relay)).toBe(field);
    expect(account.fault(field)).toBe(error.message);
    account.type(field, 'changed');
    expect(account.fault(field)).toBeNull();
  });

  it('shows a fault of no field for the whole form', async () => {
    const { form: account } = form(() =>
      Promise.reject(new ParleyError('rate_limited', { message: 'Wait a minute.' })),
    );
    account.type('username', 'mira');
    account.type('password', 'x');
    expect(await account.submit(relay)).toBeNull();
    expect(account.general?.message).toBe('Wait a minute.');
    expect(account.busy).toBe(false);
  });

  it('takes the username for the name when that is left empty', async () => {
    const { form: account, sent } = form(() => Promise.resolve());
    account.mode = 'register';
    account.type('username', ' mira ');
    account.type('password', 'long enough');
    await account.submit({ ...relay, registration: 'open' });
    expect(sent[0]).toMatchObject({ name: 'register', input: { displayName: 'mira', address: relay.address } });
    expect(sent[0]?.input).not.toHaveProperty('invite');
  });

  it('calls a password stronger the longer it is, counting characters as people do', () => {
    expect([0, 7, 8, 14].map((length) => passwordStrength('🔑'.repeat(length)).level)).toEqual([0, 1, 2, 3]);
  });
});

describe('avatars', () => {
  it.each([
    ['Anna Weber', 'AW'],
    ['Dr. Maximiliane von Hohenzollern', 'DH'],
    ['lea', 'L'],
    ['김서연', '김'],
    ['🛠️', '🛠️'],
    ['(Bob) [work]', 'BW'],
    ['', '?'],
  ])('%s is %s', (name, letters) => {
    expect(initials(name).replace('\u200C', '')).toBe(letters);
  });

  it('use all twelve colours about evenly, and one person always has the same', () => {
    const counts = Array.from({ length: avatarColours }, () => 0);
    for (let index = 0; index < 6_000; index++) {
      const colour = avatarColour(`0190aaaa-0000-7000-8000-${index.toString(16).padStart(12, '0')}`);
      counts[colour] = (counts[colour] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(350);
    expect(avatarColour('x')).toBe(avatarColour('x'));
  });
});

describe('shortcuts', () => {
  const keys = { key: '', code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  it('use Cmd on macOS and Ctrl elsewhere', () => {
    expect(shortcutOf({ ...keys, key: 'k', ctrlKey: true }, false)).toEqual({ do: 'search' });
    expect(shortcutOf({ ...keys, key: 'k', ctrlKey: true }, true)).toBeNull();
    expect(shortcutOf({ ...keys, key: 'k', metaKey: true }, true)).toEqual({ do: 'search' });
    expect(shortcutOf({ ...keys, key: 'F', ctrlKey: true }, false)).toEqual({ do: 'find' });
    expect(shortcutOf({ ...keys, key: '/', ctrlKey: true, shiftKey: true }, false)).toEqual({ do: 'keys' });
    expect(shortcutOf({ ...keys, key: 'F', ctrlKey: true, shiftKey: true }, false)).toBeNull();
    expect(shortcutOf({ ...keys, key: '§', code: 'Digit3', ctrlKey: true }, false)).toEqual({ do: 'nth', index: 2 });
    expect(shortcutOf({ ...keys, key: 'ArrowUp', altKey: true }, false)).toEqual({ do: 'step', by: -1 });
    expect(shortcutOf({ ...keys, key: 'k' }, false)).toBeNull();
  });

  it('are told as they are written on this system and set by this person', () => {
    const keysOf = (what: string, list: ReturnType<typeof shortcutList>) =>
      list.flatMap(({ lines }) => lines).find((line) => line.what === what)?.keys;
    expect(keysOf('Search in the open conversation', shortcutList({ mac: false, enterSends: true }))).toEqual([
      'Ctrl+F',
    ]);
    expect(keysOf('Search in the open conversation', shortcutList({ mac: true, enterSends: true }))).toEqual(['⌘F']);
    expect(keysOf('Send', shortcutList({ mac: false, enterSends: false }))).toEqual(['Ctrl+Enter']);
    expect(keysOf('New line', shortcutList({ mac: false, enterSends: false }))).toEqual(['Enter']);
  });
});

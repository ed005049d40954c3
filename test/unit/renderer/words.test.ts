/** Words about time, presence and the connection. */
import { describe, expect, it } from 'vitest';
import { bannerWords, hostOf } from '../../../renderer/app/connection/banner-words.ts';
import { presenceWords, typingWords } from '../../../renderer/app/presence/presence-words.ts';
import { dayLabel, daysBetween, listTime } from '../../../renderer/app/time/time-words.ts';
import { signedOutWords } from '../../../renderer/app/welcome/signed-out-words.ts';
import { brand } from './made-up.ts';

const now = new Date(2025, 2, 12, 15, 30).getTime();
const at = (day: number, hour = 14, minute = 20, month = 2, year = 2025) =>
  new Date(year, month, day, hour, minute).getTime();
const gb = 'en-GB';

describe('times in the list', () => {
  it.each([
    [at(12), '14:20'],
    [at(12, 0, 0), '00:00'],
    [at(11, 23, 59), 'Yesterday'],
    [at(10), 'Mon'],
    [at(5), '5 Mar'],
    [at(5, 14, 20, 2, 2024), '05/03/2024'],
  ])('%i is %s', (time, words) => {
    expect(listTime(time, now, gb)).toBe(words);
  });

  it('a clock that runs ahead shows the time or the date, never "in the future"', () => {
    expect(listTime(at(13), now, gb)).toBe('13 Mar');
  });
});

it('days are counted by the calendar, over changes of the clock too', () => {
  for (let day = 1; day <= 365; day++) {
    const date = new Date(2025, 0, day, 23, 30).getTime();
    expect(daysBetween(date, new Date(2025, 0, day + 1, 0, 30).getTime())).toBe(1);
  }
});

it('the day above messages is named', () => {
  expect(dayLabel(at(12), now, gb)).toBe('Today');
  expect(dayLabel(at(11), now, gb)).toBe('Yesterday');
  expect(dayLabel(at(8), now, gb)).toBe('Saturday');
  expect(dayLabel(at(1), now, gb)).toBe('Saturday 1 March');
  expect(dayLabel(at(1, 1, 1, 0, 2023), now, gb)).toMatch(/^Sunday,? 1 January 2023$/);
});

describe('presence', () => {
  const seen = (lastActiveAt: number | null) => ({
    user: brand<never>('anna'),
    state: 'offline' as const,
    lastActiveAt,
  });
  it.each([
    [seen(now - 20_000), 'last seen just now'],
    [seen(at(12)), 'last seen today at 14:20'],
    [seen(at(11)), 'last seen yesterday at 14:20'],
    [seen(at(8)), 'last seen on Saturday at 14:20'],
    [seen(at(1)), 'last seen on 1 March'],
    [seen(null), 'offline'],
    [{ ...seen(null), state: 'online' as const }, 'online'],
    [{ ...seen(now), state: 'unknown' as const }, ''],
    [{ ...seen(now), state: 'unclear' as const }, 'presence unknown for now'],
    [undefined, ''],
  ])('%j is said as "%s"', (presence, words) => {
    expect(presenceWords(presence, now, gb)).toBe(words);
  });

  it('typing says who, where that is not clear', () => {
    const people = ['Anna', 'Ben', 'Cem'].map((displayName) => ({
      id: brand<never>(displayName),
      username: '',
      displayName,
    }));
    expect(typingWords([], true)).toBe('');
    expect(typingWords(people.slice(0, 1), true)).toBe('typing…');
    expect(typingWords(people.slice(0, 1), false)).toBe('Anna is typing…');
    expect(typingWords(people.slice(0, 2), false)).toBe('Anna and Ben are typing…');
    expect(typingWords(people, false)).toBe('3 people are typing…');
  });
});

describe('the connection banner', () => {
  const address = 'https://relay.example.org';
  it('is silent online and about small catch-ups', () => {
    expect(bannerWords({ state: 'online' }, address, now)).toBeNull();
    expect(bannerWords({ state: 'syncing', received: 1, total: 5 }, address, now)).toBeNull();
  });

  it('says what happens to the messages and when the next try is', () => {
    const fault = { code: 'relay_unreachable', message: 'x' };
    const words = bannerWords({ state: 'waiting', fault, retryAt: now + 11_200 }, address, now);
    expect(words?.text).toBe(
      'Can’t reach relay.example.org. Your messages will be sent when it is back. Next try in 12 s.',
    );
    expect(bannerWords({ state: 'waiting', fault, retryAt: now - 5 }, address, now)?.text).toMatch(/Trying now…$/);
    expect(bannerWords({ state: 'waiting', fault, retryAt: now + 300_000 }, address, now)?.text).toMatch(/in 5 min\.$/);
  });

  it('gives the words of the fault where trying again does not help by itself', () => {
    const fault = { code: 'different_relay', message: 'Another relay answers there.' };
    expect(bannerWords({ state: 'stopped', fault }, address, now)).toMatchObject({
      tone: 'danger',
      text: 'Another relay answers there.',
    });
  });

  it('names the host as people write it', () => {
    expect(hostOf('https://relay.example.org:8443')).toBe('relay.example.org:8443');
    expect(hostOf('not an address')).toBe('not an address');
  });
});

it('signing out tells what is kept', () => {
  const view = { state: 'signed-out' as const, address: null, username: null };
  expect(signedOutWords({ ...view, reason: 'revoked', waiting: 3 }).text).toContain('3 waiting messages are kept');
  expect(signedOutWords({ ...view, reason: 'revoked', waiting: 1 }).text).toContain('one waiting message');
  expect(signedOutWords({ ...view, reason: 'disabled', waiting: 0 }).text).toContain(
    'history on this computer is kept',
  );
  expect(signedOutWords({ ...view, reason: 'erased', waiting: 0 }).text).toContain('erased. Your history is still on');
});

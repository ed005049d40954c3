/** Whom a node takes for dead, and when it takes notes for lost. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Roster, type Word } from '../../../signaling-server/adapters/nats/roster.ts';

describe('the roster of other nodes', () => {
  let roster: Roster;
  let missed: [since: number, why: string][];
  beforeEach(() => {
    missed = [];
    const onMissed = (since: number, why: string): void => void missed.push([since, why]);
    roster = new Roster({ nodeSilentMs: 6, nodeForgottenMs: 100, startedAt: -50, onMissed });
  });

  function say(word: Partial<Word>, now: number, clock = 0): void {
    roster.hear({ node: 'one', word: 0, losses: 0, time: 0, goodbye: false, ...word }, now, clock);
  }

  it('counts those that speak, and misses nothing while they do', () => {
    for (let now = 0; now < 50; now += 2) {
      say({ word: now / 2 }, now);
      say({ node: 'two', word: now / 2 }, now);
      roster.check(now);
    }
    expect(roster.alive).toBe(2);
    expect(missed).toEqual([]);
  });

  it('takes one that is silent for dead, once, since its last word', () => {
    say({}, 10);
    for (let now = 11; now < 40; now++) roster.check(now);
    expect(missed).toEqual([[10, 'died']]);
    expect(roster.alive).toBe(0);
  });

  it('misses what a node said while it was taken for dead', () => {
    say({}, 10);
    roster.check(20);
    say({ word: 5 }, 30);
    expect(missed).toEqual([
      [10, 'died'],
      [10, 'returned'],
    ]);
    expect(roster.alive).toBe(1);
  });

  it('forgets one that stays away, and one that says goodbye, and misses nothing of the latter', () => {
    say({}, 0);
    roster.check(101);
    say({ word: 1 }, 102);
    say({ word: 2, goodbye: true }, 103);
    roster.check(120);
    expect(roster.alive).toBe(0);
    expect(missed).toEqual([[0, 'died']]);
  });

  it('takes a missing word, or one that tells of losses, for lost notes', () => {
    say({ word: 1 }, 2);
    say({ word: 3 }, 4);
    say({ word: 4, losses: 1 }, 6);
    say({ word: 5, losses: 1 }, 8);
    expect(missed).toEqual([
      [2, 'lost'],
      [4, 'lost'],
    ]);
  });

  it('looks back as far as it must for a node that lost notes before it was first heard', () => {
    say({ losses: 1 }, 10);
    say({ node: 'two', losses: 3 }, 200);
    expect(missed).toEqual([
      [-50, 'lost'],
      [100, 'lost'],
    ]);
  });

  it('holds silence against nobody while this node could not hear', () => {
    say({ word: 1 }, 0);
    roster.excuse(50);
    roster.check(55);
    say({ word: 20 }, 56);
    expect(missed).toEqual([]);
    roster.check(63);
    expect(missed).toEqual([[56, 'died']]);
  });

  it('knows the greatest difference of clocks among those alive', () => {
    say({ time: 1_000 }, 0, 3_500);
    say({ node: 'two', time: 4_000 }, 0, 3_500);
    expect(roster.skew).toBe(2_500);
    say({ goodbye: true }, 1);
    expect(roster.skew).toBe(500);
  });
});

/** The simulation: queues against queueing theory, nothing lost, the same again from the same seed. */
import { describe, expect, it } from 'vitest';
import { inputsFor } from '../../../bench/capacity/inputs.ts';
import { drawRun } from '../../../bench/capacity/simulation/chart.ts';
import { diurnal } from '../../../bench/capacity/simulation/diurnal.ts';
import { createEventQueue } from '../../../bench/capacity/simulation/event-queue.ts';
import { createHistogram } from '../../../bench/capacity/simulation/histogram.ts';
import { createRandom, exponential, normal } from '../../../bench/capacity/simulation/random.ts';
import { scenarios, type Scenario } from '../../../bench/capacity/simulation/scenario.ts';
import { settingsFor, type FleetSettings } from '../../../bench/capacity/simulation/settings.ts';
import { createShard, createWriter, type Entry } from '../../../bench/capacity/simulation/shard.ts';
import { noticedAfter } from '../../../bench/capacity/simulation/silence.ts';
import { simulate } from '../../../bench/capacity/simulation/simulate.ts';
import { createStation } from '../../../bench/capacity/simulation/station.ts';
import { recoveredAfter, summaryTable, timeTable } from '../../../bench/capacity/simulation/summary.ts';
import { createWaitingLine } from '../../../bench/capacity/simulation/waiting-line.ts';

interface Queue {
  readonly perSecond: number;
  readonly servers: number;
  readonly service: (random: () => number) => number;
  readonly jobs: number;
}

/** Poisson arrivals at one station. @returns waits, sojourns, and how many were inside when each came. */
function play({ perSecond, servers, service, jobs }: Queue) {
  const events = createEventQueue();
  const random = createRandom(7);
  const station = createStation(events, servers);
  const waits = createHistogram();
  const sojourns = createHistogram();
  let [waited, stayed, inside] = [0, 0, 0];
  for (let job = 0, time = 0; job < jobs; job++) {
    time += exponential(random, 1 / perSecond);
    events.runUntil(time);
    inside += station.inside;
    const seconds = service(random);
    const wait = station.serve(seconds);
    waits.add(wait);
    sojourns.add(wait + seconds);
    waited += wait;
    stayed += wait + seconds;
  }
  return { waits, sojourns, meanWait: waited / jobs, meanStay: stayed / jobs, meanInside: inside / jobs };
}

/** P(wait ≤ t) of M/D/1 (Erlang 1909, Crommelin 1932). @param load arrivals a service time. @param t in service times. */
function waitBelow(load: number, t: number): number {
  let sum = 0;
  for (let k = 0, factorial = 1; k <= Math.floor(t); factorial *= ++k) {
    sum += ((load * (k - t)) ** k / factorial) * Math.exp(-load * (k - t));
  }
  return (1 - load) * sum;
}

/** Erlang C: the chance that a job of M/M/c waits. */
function chanceToWait(servers: number, offered: number): number {
  let [sum, term] = [0, 1];
  for (let k = 0; k < servers; k++) {
    sum += term;
    term *= offered / (k + 1);
  }
  const all = term / (1 - offered / servers);
  return all / (sum + all);
}

describe('a station', () => {
  it('waits as M/D/1 does, in the mean and in the 99th percentile', () => {
    const { waits, meanWait } = play({ perSecond: 700, servers: 1, service: () => 0.001, jobs: 300_000 });
    expect(meanWait / (0.7 / (2 * 1_000 * 0.3))).toBeCloseTo(1, 1);
    expect(waitBelow(0.7, waits.percentile(0.99) * 1_000)).toBeCloseTo(0.99, 2);
    expect(waitBelow(0.7, waits.percentile(0.9) * 1_000)).toBeCloseTo(0.9, 1);
  });

  it('keeps jobs as long as M/M/1 does: p99 is ln 100 over what is left of the rate', () => {
    const service = (random: () => number): number => exponential(random, 0.001);
    const { sojourns, meanStay } = play({ perSecond: 800, servers: 1, service, jobs: 400_000 });
    expect(meanStay * 200).toBeCloseTo(1, 1);
    expect(sojourns.percentile(0.99) / (Math.log(100) / 200)).toBeCloseTo(1, 1);
  });

  it('waits as M/M/4 does by Erlang’s formula', () => {
    const service = (random: () => number): number => exponential(random, 0.001);
    const { meanWait } = play({ perSecond: 3_200, servers: 4, service, jobs: 400_000 });
    expect(meanWait / (chanceToWait(4, 3.2) / (4_000 - 3_200))).toBeCloseTo(1, 1);
  });

  it('obeys Little’s law', () => {
    const { meanStay, meanInside } = play({ perSecond: 700, servers: 1, service: () => 0.001, jobs: 200_000 });
    expect(meanInside / (700 * meanStay)).toBeCloseTo(1, 1);
  });
});

describe('a shard', () => {
  const settings: FleetSettings = settingsFor(inputsFor(20_000));
  const entry = (isHot = false): Entry => ({ typedAt: 0, region: 0, shard: 0, place: 0, members: 2, isHot });

  function open() {
    const events = createEventQueue();
    // A chance that makes each commit the usual one: the normal draw is then 0.
    const shard = createShard(events, () => 0, settings);
    const settled: { count: number; stored: boolean; time: number }[] = [];
    const writer = createWriter(shard.commit, { inFlight: 1, largestGroup: 100 }, (group, stored) =>
      settled.push({ count: group.length, stored, time: events.now() }),
    );
    return { events, shard, writer, settled };
  }

  it('stores what came during one commit with the next one', () => {
    const { events, writer, settled } = open();
    for (let each = 0; each < 6; each++) writer.add(entry());
    events.runUntil(10);
    expect(settled.map(({ count }) => count)).toEqual([1, 5]);
    const { group, groupMessage, commit, replicate } = settings.seconds;
    expect(settled[0]?.time).toBeCloseTo(group + groupMessage + commit + replicate, 9);
    expect(settled[1]?.time).toBeCloseTo(2 * (group + commit + replicate) + 6 * groupMessage, 9);
  });

  it('changes the row of a busy conversation in one group at a time, whoever brings it', () => {
    const { events, shard } = open();
    const ends: number[] = [];
    for (let relay = 0; relay < 3; relay++) shard.commit([entry(true)], () => ends.push(events.now()));
    events.runUntil(10);
    const { commit, replicate } = settings.seconds;
    expect((ends[1] ?? 0) - (ends[0] ?? 0)).toBeGreaterThan(commit);
    expect((ends[2] ?? 0) - (ends[1] ?? 0)).toBeCloseTo((ends[1] ?? 0) - (ends[0] ?? 0), 9);
    expect(ends[0]).toBeGreaterThan(commit + replicate);
  });

  it('refuses while it is away, also what was under way', () => {
    const { events, shard, writer, settled } = open();
    writer.add(entry());
    shard.isAway = true;
    events.runUntil(1);
    writer.add(entry());
    events.runUntil(2);
    expect(settled.map(({ stored }) => stored)).toEqual([false, false]);
  });
});

describe('parts', () => {
  it('what is planned for the same time happens in the order planned, and nothing in the past', () => {
    const events = createEventQueue();
    const seen: number[] = [];
    for (const time of [3, 1, 2, 1]) events.at(time, () => seen.push(time * 10 + seen.length));
    events.runUntil(2);
    expect(seen).toEqual([10, 11, 22]);
    expect(events.now()).toBe(2);
    expect(() => events.at(1, () => {})).toThrow('it is 2 s');
  });

  it('a histogram tells percentiles within its 2 %', () => {
    const histogram = createHistogram();
    for (let each = 1; each <= 1_000; each++) histogram.add(each / 1_000);
    expect(histogram.percentile(0.5)).toBeGreaterThanOrEqual(0.5);
    expect(histogram.percentile(0.5)).toBeLessThan(0.5 * 1.03);
    expect(histogram.percentile(0.99)).toBeLessThan(0.99 * 1.03);
    expect(createHistogram().percentile(0.5)).toBeNaN();
  });

  it('a day has a mean of 1 and the peak that was asked for, at the hour that was asked for', () => {
    const hours = Array.from({ length: 240 }, (_, index) => diurnal(index / 10, 20, 3));
    expect(hours.reduce((sum, value) => sum + value, 0) / hours.length).toBeCloseTo(1, 2);
    expect(diurnal(20, 20, 3)).toBeCloseTo(3, 3);
    expect(Math.max(...hours)).toBeCloseTo(3, 3);
    expect(Math.min(...hours)).toBeGreaterThan(0);
  });

  it('draws are spread as they are called', () => {
    const random = createRandom(3);
    const draws = Array.from({ length: 50_000 }, () => normal(random));
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });

  it('a silent device notices within 10 to 25 s, one that says something 4 s later', () => {
    const random = createRandom(4);
    const quiet = Array.from({ length: 10_000 }, () => noticedAfter(random, 1e-9));
    expect(Math.min(...quiet)).toBeCloseTo(10, 1);
    expect(Math.max(...quiet)).toBeCloseTo(25, 1);
    expect(quiet.reduce((sum, seconds) => sum + seconds, 0) / quiet.length).toBeCloseTo(17.5, 0);
    expect(noticedAfter(random, 1e9)).toBeCloseTo(4, 6);
  });

  it('a waiting line gives the longest waiting first, also after much was taken', () => {
    const line = createWaitingLine<number>();
    for (let each = 0; each < 5_000; each++) line.push(each);
    expect(line.take(4_000).at(-1)).toBe(3_999);
    line.push(5_000);
    expect(line.take(2)).toEqual([4_000, 4_001]);
    expect(line.take(5_000).at(-1)).toBe(5_000);
    expect(line.length).toBe(0);
  });
});

describe('a run', () => {
  /** A service so small that a test plays it in a moment, with relays as slow as it is small. */
  const small = settingsFor(inputsFor(10_000, { relayHandshakeMicros: 6_000 }));
  const short = (name: string, more: Partial<Scenario> = {}): Scenario => {
    const scenario = scenarios.find((each) => each.name === name);
    if (!scenario) throw new Error(`There is no scenario ${name}.`);
    return { ...scenario, ...more };
  };

  it.each(scenarios.map(({ name }) => name))('of “%s” loses no message and no copy', (name) => {
    const run = simulate(small, short(name, { seconds: 60 }), 5);
    expect(run.missing).toEqual({ messages: 0, copies: 0 });
    expect(run.typed).toBeGreaterThan(200);
    expect(run.delivered).toBeGreaterThan(run.typed);
  });

  it('is the same for the same seed and another for another', () => {
    const figures = (seed: number) => {
      const { typed, delivered, stretches } = simulate(small, short('region-lost', { seconds: 60 }), seed);
      return [typed, delivered, ...stretches.map(({ delivery }) => delivery.percentile(0.99))];
    };
    expect(figures(11)).toEqual(figures(11));
    expect(figures(11)).not.toEqual(figures(12));
  });

  it('without faults delivers after one commit, and within two and a few hops', () => {
    // One message to 1,000 people would be most of all copies here.
    const calm = { ...settingsFor(inputsFor(10_000)), classes: [{ name: 'direct', members: 2, share: 1 }] };
    const run = simulate(calm, short('day', { seconds: 60, pace: 0 }), 1);
    const { commit, replicate, hopFar } = calm.seconds;
    const all = createHistogram();
    for (const { delivery, outboxes, devicesOut } of run.stretches) {
      all.merge(delivery);
      expect([outboxes, devicesOut]).toEqual([0, 0]);
    }
    expect(all.percentile(0.1)).toBeGreaterThan(replicate);
    expect(all.percentile(0.5)).toBeGreaterThan(commit + replicate);
    expect(all.percentile(0.9)).toBeLessThan(2 * (commit * 4 + replicate) + hopFar + 0.01);
    expect(recoveredAfter(run)).toBeNull();
  });

  it('of a lost region shows its devices out, and all of them back', () => {
    const run = simulate(small, short('region-lost'), 2);
    const out = run.stretches.map(({ devicesOut }) => devicesOut);
    expect(Math.max(...out)).toBeCloseTo(small.devicesPerRegion * small.connectedShare, -1);
    expect(out.at(-1)).toBe(0);
    expect(recoveredAfter(run)).toBeGreaterThan(15);
  });

  it('of a shard that is away keeps what it refused in outboxes, and empties them', () => {
    const run = simulate(small, short('shard-failover'), 2);
    expect(Math.max(...run.stretches.map(({ outboxes }) => outboxes))).toBeGreaterThan(5);
    expect(run.stretches.at(-1)?.outboxes).toBe(0);
    const before = run.stretches[0]?.delivery.percentile(0.999) ?? 0;
    expect(before).toBeLessThan(1);
    expect(Math.max(...run.stretches.map(({ delivery }) => delivery.percentile(0.999)))).toBeGreaterThan(10);
  });

  it('of a shard that is away keeps few in outboxes, since relays divide their groups', () => {
    // So busy that a group has messages of several shards.
    const busy = { ...small, meanEntriesPerRegion: small.meanEntriesPerRegion * 30 };
    const most = (name: string): number =>
      Math.max(...simulate(busy, short(name, { seconds: 60 }), 2).stretches.map(({ outboxes }) => outboxes));
    expect(most('shard-failover') * 3).toBeLessThan(most('shard-failover-one'));
  });

  it('is told in tables and drawn as a picture with labelled axes', () => {
    const run = simulate(small, short('shard-failover', { seconds: 40 }), 2);
    expect(summaryTable([run])).toContain(run.scenario.title);
    expect(timeTable(run, 2).split('\n')).toHaveLength(2 + 4);
    const picture = drawRun(run);
    for (const words of ['p99.9', 'seconds', '10 ms', 'messages in outboxes', '</svg>'])
      expect(picture).toContain(words);
    expect(picture).not.toContain('NaN');
  });
});

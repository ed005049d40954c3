/** Many subscriptions, much waiting, and cuts in the middle of both. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createId, type ConversationId, type DeviceId, type UserId } from '../../../protocol/index.ts';
import type { Note, Subject } from '../../../signaling-server/ports/bus.ts';
import { startNats, type NatsServer } from '../../support/nats-server.ts';
import { numbered, numberOf, openTestBus, quick, userSubject, type TestBus } from '../../support/nats-bus.ts';

const patient = { timeout: 30_000, interval: 50 };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  for (let round = 0; round < 4; round++) collect();
  return process.memoryUsage().heapUsed;
}

/** Chance that a seed repeats (mulberry32). */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('a busy bus on NATS', () => {
  let server: NatsServer;
  let near: TestBus;
  let far: TestBus;
  beforeEach(async () => {
    server = await startNats();
    [near, far] = await Promise.all([openTestBus(server.url), openTestBus(server.url)]);
  });
  afterEach(async () => {
    await Promise.all([near.bus.close(), far.bus.close()]);
    await server.stop();
  });

  it('holds a subscription in well under a kilobyte, and gives it back', async () => {
    const subjects = Array.from({ length: 20_000 }, userSubject);
    const listener = (): void => {};
    const before = heapBytes();
    const ends = subjects.map((subject) => near.bus.subscribe(subject, listener));
    await near.bus.ping();
    expect((heapBytes() - before) / subjects.length).toBeLessThan(750);
    for (const end of ends.splice(0)) end();
    await near.bus.ping();
    expect((heapBytes() - before) / subjects.length).toBeLessThan(100);
  });

  it('listens to all of twenty thousand subjects again after a cut', async () => {
    const subjects = Array.from({ length: 20_000 }, userSubject);
    let heard = 0;
    for (const subject of subjects) far.bus.subscribe(subject, () => heard++);
    await far.bus.ping();
    await server.kill9();
    await server.restart();
    await vi.waitFor(() => expect([near.bus.connected, far.bus.connected]).toEqual([true, true]), patient);
    for (const subject of subjects) near.bus.publish(subject, numbered(1));
    await near.bus.ping();
    await vi.waitFor(() => expect(heard).toBe(subjects.length), patient);
    expect(await near.bus.subscribed(subjects)).toEqual(new Set(subjects));
  });

  it('answers many asks at once, each rightly', async () => {
    const [there, absent] = [Array.from({ length: 3_000 }, userSubject), Array.from({ length: 3_000 }, userSubject)];
    for (const subject of there) far.bus.subscribe(subject, () => {});
    await far.bus.ping();
    const asker = await openTestBus(server.url, { timing: { ...quick, askMs: 10_000 } });
    const groups = Array.from({ length: 12 }, (_, group) => {
      const inGroup = (_subject: Subject, index: number): boolean => index % 12 === group;
      return { there: there.filter(inGroup), absent: absent.filter(inGroup) };
    });
    const answers = await Promise.all(
      groups.map((group) =>
        asker.bus.subscribed(group.there.flatMap((subject, at) => [group.absent[at] ?? subject, subject])),
      ),
    );
    expect(answers.map((answer) => [...answer].sort())).toEqual(groups.map((group) => [...group.there].sort()));
    await asker.bus.close();
  });

  it('drops what the server does not take, counts it, and has the other nodes look into the store', async () => {
    const ids = { id: createId(), user: createId<UserId>(), device: createId<DeviceId>() };
    const subject = userSubject();
    far.bus.subscribe(subject, () => {});
    await far.bus.ping();
    await server.pause();
    const payload = new Uint8Array(90_000);
    for (let seq = 1; seq <= 500; seq++) {
      const messages = [{ ...ids, seq, kind: 'content', time: 1, payload }];
      const note = { type: 'messages', conversation: createId<ConversationId>(), messages, except: ids.device };
      near.bus.publish(subject, note as Note);
    }
    expect(await near.gauge('bus_notes_dropped')).toBeGreaterThan(200);
    server.resume();
    await vi.waitFor(() => expect(far.losses.length).toBeGreaterThan(0), patient);
  });

  it('hears exactly what it listens to after any coming and going amid cuts', async () => {
    const random = seeded(5);
    const subjects = Array.from({ length: 300 }, userSubject);
    const ends = new Map<Subject, () => void>();
    const heard = new Map<Subject, number[]>();
    const listen = (subject: Subject): void => {
      const end = far.bus.subscribe(subject, (note) => heard.get(subject)?.push(numberOf(note) ?? -1));
      ends.set(subject, end);
    };
    for (let cut = 0; cut < 4; cut++) {
      const back = server.kill9().then(() => server.restart());
      for (let turn = 0; turn < 200; turn++) {
        const subject = subjects[Math.floor(random() * subjects.length)];
        if (!subject) continue;
        if (ends.has(subject)) ends.get(subject)?.();
        if (!ends.delete(subject)) listen(subject);
        if (turn % 10 === 0) await new Promise((resolve) => setTimeout(resolve, random() * 5));
      }
      await back;
    }
    await vi.waitFor(() => expect([near.bus.connected, far.bus.connected]).toEqual([true, true]), patient);
    await far.bus.ping();
    for (const subject of subjects) {
      heard.set(subject, []);
      near.bus.publish(subject, numbered(1));
    }
    expect(await near.bus.subscribed(subjects)).toEqual(new Set(ends.keys()));
    // The last note of those published: what was to come has come.
    await vi.waitFor(() => {
      const listening = subjects.filter((subject) => ends.has(subject));
      expect(listening.map((subject) => heard.get(subject))).toEqual(listening.map(() => [1]));
    }, patient);
    expect(subjects.filter((subject) => !ends.has(subject)).flatMap((subject) => heard.get(subject))).toEqual([]);
  });
});

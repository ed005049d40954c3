/** A cluster of NATS servers that loses one: nodes move to another, and everybody looks into the store. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startNatsCluster, type NatsCluster } from '../../support/nats-server.ts';
import { numbered, numberOf, openTestBus, userSubject, type TestBus } from '../../support/nats-bus.ts';

const patient = { timeout: 20_000, interval: 20 };

describe('a cluster of two NATS servers', () => {
  let cluster: NatsCluster;
  let near: TestBus;
  let far: TestBus;
  beforeEach(async () => {
    cluster = await startNatsCluster(2);
    // Each is told of one server only, and hears of the other from that one.
    const [one, two] = cluster.servers;
    [near, far] = await Promise.all([openTestBus(one?.url ?? ''), openTestBus(two?.url ?? '')]);
  });
  afterEach(async () => {
    await Promise.all([near.bus.close(), far.bus.close()]);
    await cluster.stop();
  });

  it('that loses one serves on with the other, and all nodes are told that notes may be lost', async () => {
    const subject = userSubject();
    const heard: (number | null)[] = [];
    far.bus.subscribe(subject, (note) => heard.push(numberOf(note)));
    await vi.waitFor(async () => expect((await near.bus.subscribed([subject])).size).toBe(1), patient);
    const before = Date.now();
    await cluster.servers[1]?.kill9();
    await vi.waitFor(() => expect(Math.min(near.losses.length, far.losses.length)).toBeGreaterThan(0), patient);
    for (const since of [near.losses[0], far.losses[0]]) expect(since).toBeLessThanOrEqual(before);
    await vi.waitFor(async () => expect((await near.bus.subscribed([subject])).size).toBe(1), patient);
    near.bus.publish(subject, numbered(1));
    await vi.waitFor(() => expect(heard).toEqual([1]), patient);
    expect([near.bus.connected, far.bus.connected]).toEqual([true, true]);
  });

  it('has nodes look into the store when a server is lost, be it one without nodes', async () => {
    await far.bus.close();
    await vi.waitFor(async () => expect(await near.gauge('nodes')).toBe(1), patient);
    expect(near.losses).toEqual([]);
    await cluster.servers[1]?.kill9();
    await vi.waitFor(() => expect(near.losses).toHaveLength(1), patient);
    expect(near.bus.connected).toBe(true);
  });
});

/** Nodes that die, hang, stop in good order and come back, as the others see them. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startNats, type NatsServer } from '../../support/nats-server.ts';
import { openTestBus, quick, startBusProcess, userSubject, type TestBus } from '../../support/nats-bus.ts';

const patient = { timeout: 15_000, interval: 20 };

describe('a node of the fleet', () => {
  let server: NatsServer;
  let near: TestBus;
  const subject = userSubject();
  const children: ChildProcess[] = [];
  beforeAll(async () => void (server = await startNats()));
  afterAll(() => server.stop());
  beforeEach(async () => void (near = await openTestBus(server.url)));
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await near.bus.close();
  });

  async function startOther() {
    const child = await startBusProcess(server.url, [subject]);
    children.push(child);
    await vi.waitFor(async () => expect((await near.bus.subscribed([subject])).size).toBe(1), patient);
    await vi.waitFor(async () => expect(await near.gauge('nodes')).toBe(2), patient);
    return child;
  }

  it('that is killed takes its users offline at once, and is missed when it says nothing more', async () => {
    const child = await startOther();
    const before = Date.now();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await vi.waitFor(async () => expect((await near.bus.subscribed([subject])).size).toBe(0), { timeout: 2_000 });
    await vi.waitFor(() => expect(near.losses).toHaveLength(1), patient);
    expect(near.losses[0]).toBeLessThanOrEqual(before);
    expect(await near.gauge('nodes')).toBe(1);
  });

  it('that hangs counts as gone while it does, and is missed and found again', async () => {
    const child = await startOther();
    child.kill('SIGSTOP');
    expect(await near.bus.subscribed([subject])).toEqual(new Set());
    await vi.waitFor(async () => expect(await near.gauge('nodes')).toBe(1), patient);
    await vi.waitFor(() => expect(near.losses).toHaveLength(1), patient);
    child.kill('SIGCONT');
    await vi.waitFor(async () => expect((await near.bus.subscribed([subject])).size).toBe(1), patient);
    await vi.waitFor(async () => expect(await near.gauge('nodes')).toBe(2), patient);
    await vi.waitFor(() => expect(near.losses).toHaveLength(2), patient);
  });

  it('that stops in good order is not missed', async () => {
    const child = await startOther();
    child.kill('SIGTERM');
    await once(child, 'exit');
    await vi.waitFor(async () => expect(await near.gauge('nodes')).toBe(1), patient);
    expect((await near.bus.subscribed([subject])).size).toBe(0);
    const witness = await openTestBus(server.url);
    await vi.waitFor(async () => expect(await witness.gauge('nodes')).toBe(2), patient);
    await witness.bus.close();
    expect(near.losses).toEqual([]);
  });

  it('that was held up itself reads the answers that wait before it judges', async () => {
    await startOther();
    const held = await openTestBus(server.url, {
      timing: { ...quick, askMs: 300, pingMs: 300, serverSilentMs: 1_200 },
    });
    await vi.waitFor(async () => expect(await held.gauge('nodes')).toBe(3), patient);
    // From here on what is due comes before what has arrived.
    await nextTurn();
    const [ping, asked] = [held.bus.ping(), held.bus.subscribed([subject])];
    blockFor(2_500);
    await expect(ping).resolves.toBeUndefined();
    expect(await asked).toEqual(new Set([subject]));
    expect(held.logged.map(({ event }) => event)).not.toContain('bus.lost');
    await held.bus.close();
  });

  it('whose clock is off is spoken of, and its skew makes for a wider margin', async () => {
    const ahead = await openTestBus(server.url, { clock: () => Date.now() + 60_000 });
    await vi.waitFor(async () => expect(await near.gauge('node_clock_skew_seconds')).toBeCloseTo(60, 0), patient);
    await vi.waitFor(() => expect(near.logged.map(({ event }) => event)).toContain('bus.clocks_differ'), patient);
    await ahead.bus.close();
  });
});

/** As a long computation would. */
function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

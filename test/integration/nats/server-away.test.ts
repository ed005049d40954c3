/** What the bus does while its NATS server is away, and when it is back. */
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startNats, type NatsServer } from '../../support/nats-server.ts';
import { numbered, numberOf, openTestBus, userSubject, type TestBus } from '../../support/nats-bus.ts';

const patient = { timeout: 15_000, interval: 20 };

describe('a NATS server that goes away', () => {
  let server: NatsServer;
  let near: TestBus;
  let far: TestBus;
  const subject = userSubject();
  let heard: (number | null)[];

  beforeEach(async () => {
    server = await startNats();
    [near, far] = await Promise.all([openTestBus(server.url), openTestBus(server.url)]);
    heard = [];
    far.bus.subscribe(subject, (note) => heard.push(numberOf(note)));
    await vi.waitFor(async () => expect((await near.bus.subscribed([subject])).size).toBe(1), patient);
  });
  afterEach(async () => {
    await Promise.all([near.bus.close(), far.bus.close()]);
    await server.stop();
  });

  it('comes back, and subscriptions live again, notes flow, and both nodes are told of the loss', async () => {
    const before = Date.now();
    await server.kill9();
    await vi.waitFor(() => expect([near.bus.connected, far.bus.connected]).toEqual([false, false]), patient);
    near.bus.publish(subject, numbered(1));
    await expect(near.bus.subscribed([subject])).rejects.toMatchObject({ code: 'unavailable' });
    await server.restart();
    await vi.waitFor(() => expect([near.bus.connected, far.bus.connected]).toEqual([true, true]), patient);
    await vi.waitFor(async () => expect((await near.bus.subscribed([subject])).size).toBe(1), patient);
    near.bus.publish(subject, numbered(2));
    await vi.waitFor(() => expect(heard).toEqual([2]), patient);
    await vi.waitFor(() => expect(Math.min(near.losses.length, far.losses.length)).toBeGreaterThan(0), patient);
    for (const since of [...near.losses, ...far.losses]) expect(since).toBeLessThanOrEqual(before);
    expect(await near.gauge('bus_notes_dropped')).toBe(1);
  });

  it('leaves subscribers in the same process their notes', async () => {
    const here = vi.fn();
    near.bus.subscribe(subject, here);
    await server.kill9();
    await vi.waitFor(() => expect(near.bus.connected).toBe(false), patient);
    near.bus.publish(subject, numbered(1));
    expect(here).toHaveBeenCalledOnce();
    expect(await near.bus.subscribed([subject])).toEqual(new Set([subject]));
  });

  it('says what is wrong and what to do, in the log and to whoever pings', async () => {
    await server.kill9();
    await vi.waitFor(() => expect(near.logged.map(({ event }) => event)).toContain('bus.lost'), patient);
    await vi.waitFor(
      () => expect(near.bus.ping()).rejects.toThrow(/connection refused.*Check that nats-server/),
      patient,
    );
    await vi.waitFor(() => expect(near.logged.map(({ event }) => event)).toContain('bus.unreachable'), patient);
    await vi.waitFor(async () => expect(await near.gauge('bus_connected')).toBe(0), patient);
  });

  it('takes nothing to its grave that is subscribed and left while it is away', async () => {
    const other = userSubject();
    const left = far.bus.subscribe(userSubject(), () => {});
    await server.kill9();
    await vi.waitFor(() => expect(far.bus.connected).toBe(false), patient);
    left();
    far.bus.subscribe(other, (note) => heard.push(numberOf(note)));
    await server.restart();
    await vi.waitFor(async () => expect((await near.bus.subscribed([other])).size).toBe(1), patient);
    near.bus.publish(other, numbered(3));
    await vi.waitFor(() => expect(heard).toEqual([3]), patient);
    expect(await far.gauge('bus_subscriptions')).toBe(2);
  });

  it('is noticed when it hangs with its connections open, and used again when it goes on', async () => {
    await server.pause();
    await vi.waitFor(() => expect(near.bus.connected).toBe(false), patient);
    await expect(near.bus.subscribed([subject])).rejects.toMatchObject({ code: 'unavailable' });
    await expect(near.bus.ping()).rejects.toMatchObject({ code: 'unavailable' });
    server.resume();
    await vi.waitFor(async () => expect((await near.bus.subscribed([subject])).size).toBe(1), patient);
    await vi.waitFor(() => expect(near.losses.length).toBeGreaterThan(0), patient);
  });

  it('that hangs does not pass for one that says nobody is there', async () => {
    await server.pause();
    await expect(near.bus.subscribed([subject, userSubject()])).rejects.toMatchObject({ code: 'unavailable' });
    server.resume();
  });
});

describe('the connection of one node', () => {
  it('that is cut for a moment has all the others look into the store', async () => {
    const server = await startNats();
    const lane = await openLane(server.port);
    const [cut, other] = [await openTestBus(`nats://127.0.0.1:${lane.port}`), await openTestBus(server.url)];
    await vi.waitFor(async () => expect(await other.gauge('nodes')).toBe(2), patient);
    lane.cut();
    await vi.waitFor(() => expect([cut.losses.length, other.losses.length]).toEqual([1, 1]), patient);
    expect([cut.bus.connected, other.bus.connected]).toEqual([true, true]);
    expect(await other.gauge('nodes')).toBe(2);
    await Promise.all([cut.bus.close(), other.bus.close()]);
    lane.close();
    await server.stop();
  });
});

/** Passes on what goes to a port, until it is cut. */
async function openLane(to: number) {
  const open = new Set<Socket>();
  const lane = createServer((socket) => {
    const onward = createConnection(to, '127.0.0.1');
    for (const end of [socket, onward]) end.on('error', () => {}).on('close', () => open.delete(end));
    open.add(socket).add(onward);
    socket.pipe(onward).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(lane, 'listening');
  return {
    port: (lane.address() as AddressInfo).port,
    cut: () => open.forEach((socket) => socket.destroy()),
    close: () => void lane.close(),
  };
}

describe('a server that is none of NATS', () => {
  it('is left when it talks nonsense, of which nothing is printed, and tried again', async () => {
    const printed = vi.spyOn(console, 'log');
    const opened: Socket[] = [];
    const server = createServer((socket) => {
      opened.push(socket);
      socket.write('INFO {"version":"2.9.0","proto":1,"headers":true,"max_payload":1048576}\r\n');
      socket.on('data', (bytes) => void (String(bytes).includes('PING') && socket.write('PONG\r\n')));
      socket.on('error', () => {});
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { bus, logged } = await openTestBus(`nats://127.0.0.1:${port}`);
    expect(bus.connected).toBe(true);
    opened[0]?.write('what somebody wrote\r\n');
    await vi.waitFor(() => expect(logged.map(({ event }) => event)).toContain('bus.lost'), patient);
    await vi.waitFor(() => expect(opened.length).toBeGreaterThan(1), patient);
    expect(inspect([logged, printed.mock.calls], { depth: 9 })).not.toContain('what somebody wrote');
    await bus.close();
    server.close();
    printed.mockRestore();
  });
});

describe('a NATS server that is not there yet', () => {
  it('is connected to when it comes', async () => {
    const server = await startNats({ later: true });
    const { bus, logged } = await openTestBus(server.url);
    expect(bus.connected).toBe(false);
    expect(logged.map(({ event }) => event)).toEqual(['bus.unreachable']);
    await expect(bus.ping()).rejects.toMatchObject({ code: 'unavailable' });
    await server.restart();
    await vi.waitFor(() => expect(bus.connected).toBe(true), patient);
    await expect(bus.ping()).resolves.toBeUndefined();
    await bus.close();
    await server.stop();
  });

  it('does not keep the relay from stopping', async () => {
    const server = await startNats();
    await server.pause();
    await vi.waitFor(() => expect(openSockets()).toBe(0), patient);
    const { bus } = await openTestBus(server.url);
    expect(bus.connected).toBe(false);
    const since = performance.now();
    await bus.close();
    expect(performance.now() - since).toBeLessThan(500);
    await vi.waitFor(() => expect(openSockets()).toBe(0), patient);
    await server.stop();
  });
});

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;
}

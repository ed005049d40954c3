/** Presence (P7): true, quick, and told only to those who may know. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createId, type Presence, type UserId } from '../../../protocol/index.ts';
import { openDirect } from '../../../signaling-server/relay/open-direct.ts';
import { announceProfile } from '../../../signaling-server/relay/announce.ts';
import {
  addConversation,
  addDevice,
  addPerson,
  startRelayCore,
  type RelayCore,
  type TestDevice,
} from '../../support/relay-core.ts';
import type { RelayClient } from '../../support/relay-client.ts';

let relay: RelayCore;
let anna: TestDevice;
let ben: TestDevice;

beforeEach(async () => {
  relay = await startRelayCore({ settings: { deadAfterMs: 1_200 } });
  anna = await addPerson(relay.store);
  ben = await addPerson(relay.store);
  await addConversation(relay.store, anna, ben);
});
afterEach(() => relay.stop());

async function watch(client: RelayClient, users: UserId[]): Promise<Presence[]> {
  client.send({ type: 'watch', users });
  return (await client.next('presence')).users;
}

/** Keeps a connection alive for the length of a test. */
async function lively(device: TestDevice): Promise<RelayClient> {
  const client = await relay.hello(device);
  const pings = setInterval(() => client.ws.readyState === client.ws.OPEN && client.send({ type: 'ping' }), 300);
  void client.closed.then(() => clearInterval(pings));
  return client;
}

describe('presence', () => {
  it('is answered at once and flips within the promised time', async () => {
    const watcher = await lively(anna);
    const [before] = await watch(watcher, [ben.user]);
    expect(before).toMatchObject({ user: ben.user, online: false });
    const opened = performance.now();
    const other = await lively(ben);
    expect((await watcher.next('presence')).users).toMatchObject([{ user: ben.user, online: true }]);
    expect(performance.now() - opened).toBeLessThan(1_000);
    const closed = performance.now();
    other.ws.terminate();
    const [after] = (await watcher.next('presence')).users;
    expect(performance.now() - closed).toBeLessThan(2_000);
    expect(after).toMatchObject({ user: ben.user, online: false });
    expect(Math.abs((after?.lastActiveAt ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  it('ends for a dead link, whose socket never closes', async () => {
    const watcher = await lively(anna);
    await relay.hello(ben);
    expect(await watch(watcher, [ben.user])).toMatchObject([{ online: true }]);
    expect((await watcher.next('presence')).users).toMatchObject([{ user: ben.user, online: false }]);
  });

  it('lasts while any device is there', async () => {
    const watcher = await lively(anna);
    const [phone, laptop] = [await lively(ben), await lively(await addDevice(relay.store, ben.profile))];
    expect(await watch(watcher, [ben.user])).toMatchObject([{ online: true }]);
    await phone.close();
    expect(await watch(watcher, [ben.user])).toMatchObject([{ online: true }]);
    await laptop.close();
    expect((await watcher.next('presence')).users).toMatchObject([{ online: false }]);
  });

  it('does not flicker when a device reconnects before its old socket is gone', async () => {
    const watcher = await lively(anna);
    await lively(ben);
    await watch(watcher, [ben.user]);
    const replaced = await lively(ben);
    const again = await lively(ben);
    await replaced.closed;
    again.ws.terminate();
    await watcher.next('presence');
    expect(watcher.all('presence').map(({ users }) => users[0]?.online)).toEqual([true, false]);
  });

  it('of strangers and of nobody look alike, whoever is online', async () => {
    const stranger = await addPerson(relay.store);
    await lively(stranger);
    const watcher = await lively(anna);
    const [known, unknown] = await watch(watcher, [stranger.user, createId<UserId>()]);
    expect(known).toEqual({ user: stranger.user, online: false, lastActiveAt: null });
    expect(unknown).toMatchObject({ online: false, lastActiveAt: null });
  });

  it('is shown as soon as a conversation makes a stranger known', async () => {
    const stranger = await addPerson(relay.store);
    await lively(stranger);
    const watcher = await lively(anna);
    await watch(watcher, [stranger.user]);
    await openDirect({ store: relay.store, bus: relay.bus, clock: Date.now })(anna.user, stranger.user);
    expect((await watcher.next('conversations')).profiles.map(({ id }) => id).sort()).toEqual(
      [anna.user, stranger.user].sort(),
    );
    expect((await watcher.next('presence')).users).toMatchObject([{ user: stranger.user, online: true }]);
  });

  it('is told of those watched last, and no more of earlier ones', async () => {
    const watcher = await lively(anna);
    await watch(watcher, [ben.user]);
    await watch(watcher, []);
    await lively(ben);
    watcher.send({ type: 'ping' });
    await watcher.next('pong');
    expect(watcher.all('presence').map(({ users }) => users.length)).toEqual([1, 0]);
  });

  it('comes with changed profiles of those watched', async () => {
    const watcher = await lively(anna);
    await watch(watcher, [ben.user]);
    announceProfile(relay.bus, { ...ben.profile, displayName: 'Benny' });
    expect((await watcher.next('profiles')).profiles).toEqual([{ ...ben.profile, displayName: 'Benny' }]);
  });

  it('keeps when someone was last there, over a restart too', async () => {
    const client = await relay.hello(ben);
    await client.close();
    await expect.poll(() => relay.hub.counts().users).toBe(0);
    await expect
      .poll(async () => (await relay.store.devices.byId(ben.device))?.lastActiveAt, { timeout: 3_000 })
      .toBeGreaterThan(Date.now() - 5_000);
  });
});

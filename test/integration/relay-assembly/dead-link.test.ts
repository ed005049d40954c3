/** Dead links are noticed by both sides within P7's half minute, whatever the heartbeats and whoever stands in between. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ConversationId } from '../../../protocol/index.ts';
import { openCutProxy } from '../../support/cut-proxy.ts';
import { canMakeNetworks, makeCutNetwork, type CutNetwork } from '../../support/cut-network.ts';
import { hasBalancer, startExampleBalancer } from '../../support/example-balancer.ts';
import { endWithParent } from '../../support/end-with-parent.ts';
import { openPlainClient, type PlainClient } from '../../support/plain-client.ts';
import { addConversation, addPerson, type TestDevice } from '../../support/relay-core.ts';
import { message } from '../../support/relay-client.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

const program = join(import.meta.dirname, '../../support/quiet-device-process.ts');
const halfMinute = { timeout: 30_000, interval: 100 };
/** As a relay with very many devices wants it. */
const rare = { heartbeatMs: 300_000, deadAfterMs: 660_000 };

let relay: TestRelay;
let anna: TestDevice;
let watcher: PlainClient;
afterEach(async () => {
  watcher.ws.terminate();
  await relay.stop();
});

/** A device that does nothing but keep its link, elsewhere or here. */
async function quietDevice(base: string, { token }: TestDevice, elsewhere: readonly string[] = []) {
  const [first = '', ...args] = [...elsewhere, process.execPath, program, base, token];
  // The balancer's certificate is nobody's.
  const env = { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' };
  const child = endWithParent(spawn(first, args, { env, stdio: ['ignore', 'pipe', 'inherit'] }));
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  await vi.waitFor(() => expect(said).toEqual(['quiet']), halfMinute);
  return { child, said };
}

/** Anna looks at two people. */
async function watchTwo(): Promise<{ ben: TestDevice; cleo: TestDevice; withCleo: ConversationId }> {
  anna = await addPerson(relay.store);
  const [ben, cleo] = [await addPerson(relay.store), await addPerson(relay.store)];
  await addConversation(relay.store, anna, ben);
  const withCleo = await addConversation(relay.store, anna, cleo);
  watcher = openPlainClient(relay.address);
  await vi.waitFor(() => expect(watcher.ws.readyState).toBe(watcher.ws.OPEN));
  const client = { name: 'test', version: '0' };
  watcher.send({ type: 'hello', versions: [1], token: anna.token, generation: 0, client });
  await watcher.next('welcome');
  watcher.send({ type: 'sync', have: [], last: true });
  await watcher.next('synced');
  watcher.send({ type: 'watch', users: [ben.user, cleo.user] });
  const heartbeat = setInterval(() => watcher.send({ type: 'ping' }), 5_000);
  onTestFinished(() => clearInterval(heartbeat));
  return { ben, cleo, withCleo };
}

/** Whether somebody listens there. */
async function reach(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
}

/** As the watcher was told last. */
function isOnline({ user }: TestDevice): boolean | undefined {
  const told = watcher.frames.flatMap((frame) => (frame.type === 'presence' ? frame.users : []));
  return told.findLast((presence) => presence.user === user)?.online;
}

const untilOnline = (...people: TestDevice[]) =>
  vi.waitFor(() => expect(people.map(isOnline)).toEqual(people.map(() => true)), halfMinute);
const untilOffline = (...people: TestDevice[]) =>
  vi.waitFor(() => expect(people.map(isOnline)).toEqual(people.map(() => false)), halfMinute);

/** Two devices beyond the network, of which only Cleo's is told something once it is cut. */
async function expectBothNotice(network: CutNetwork, base: string): Promise<void> {
  const { ben, cleo, withCleo } = await watchTwo();
  const benDevice = await quietDevice(base, ben, network.elsewhere);
  const cleoDevice = await quietDevice(base, cleo, network.elsewhere);
  await untilOnline(ben, cleo);
  network.cut();
  watcher.send(message(withCleo, 'are you there?'));
  await untilOffline(ben, cleo);
  const lost = ['quiet', 'down relay_unreachable'];
  await vi.waitFor(() => expect([benDevice.said, cleoDevice.said]).toEqual([lost, lost]), halfMinute);
}

describe.skipIf(!canMakeNetworks())('with rare heartbeats, where packets get lost without a word', () => {
  it('both sides notice, of a link that is quiet and of one on which something is told', async () => {
    const network = makeCutNetwork();
    onTestFinished(() => network.remove());
    relay = await startRelay({ config: { ...rare, host: '0.0.0.0' } });
    await expectBothNotice(network, `http://${network.address}:${relay.port}`);
  });
});

describe.skipIf(!canMakeNetworks() || !hasBalancer)('behind the example balancer', () => {
  it('the same is noticed, though the relay has no link to the device itself', async () => {
    const network = makeCutNetwork();
    onTestFinished(() => network.remove());
    relay = await startRelay({ config: { ...rare, trustedProxy: ['127.0.0.1'] } });
    const folder = await temporaryFolder();
    const balancer = await startExampleBalancer(folder, [relay.port, relay.port, relay.port]);
    onTestFinished(async () => {
      balancer.process.kill('SIGKILL');
      await removeFolder(folder);
    });
    await vi.waitFor(() => reach(balancer.port), halfMinute);
    await expectBothNotice(network, `https://${network.address}:${balancer.port}`);
  });
});

describe('with rare heartbeats', () => {
  it('a device that hangs is noticed once it is told something', async () => {
    relay = await startRelay({ config: rare });
    const { ben, cleo, withCleo } = await watchTwo();
    const hanging = await quietDevice(relay.address, cleo);
    await quietDevice(relay.address, ben);
    await untilOnline(ben, cleo);
    hanging.child.kill('SIGSTOP');
    watcher.send(message(withCleo, 'are you there?'));
    await untilOffline(cleo);
    expect(isOnline(ben)).toBe(true);
  });
});

describe('with the usual heartbeats', () => {
  it('a device that hangs and one behind a proxy that passes nothing on are noticed', async () => {
    relay = await startRelay();
    const { ben, cleo } = await watchTwo();
    const proxy = await openCutProxy(relay.port);
    onTestFinished(() => proxy.close());
    const hanging = await quietDevice(relay.address, ben);
    const behind = await quietDevice(`http://127.0.0.1:${proxy.port}`, cleo);
    await untilOnline(ben, cleo);
    hanging.child.kill('SIGSTOP');
    proxy.freeze();
    await untilOffline(ben, cleo);
    await vi.waitFor(() => expect(behind.said).toEqual(['quiet', 'down relay_unreachable']), halfMinute);
  });
});

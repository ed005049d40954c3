/** A relay node on PostgreSQL and NATS starts, waits, tells what is away, and goes on by itself. */
import { spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../../../signaling-server/config/settings-table.ts';
import type { FaultFields, Log } from '../../../signaling-server/ports/log.ts';
import { hasNatsServer } from '../../../scripts/engine-programs.ts';
import { findPort } from '../../../scripts/relay-session.ts';
import { startNats, type NatsServer } from '../../support/nats-server.ts';
import { helloFrame, openPlainClient, registerAt } from '../../support/plain-client.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../../support/postgres-server.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';
import { runRelayCommand } from '../../support/run-relay-command.ts';
import { relayEntry, spawnRelay, startRelay, type TestRelay } from '../../support/start-relay.ts';

const canRun = hasPostgres && hasNatsServer();

let postgres: PostgresServer;
let nats: NatsServer;
beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres({ fsync: false }), startNats()]);
});
afterAll(async () => {
  await Promise.all([postgres.stop(), nats.stop()]);
});

let url: string;
let folder: string;
let relays: TestRelay[];
beforeEach(async () => {
  [url, folder] = [await postgres.createDatabase(), await temporaryFolder()];
  relays = [];
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await removeFolder(folder);
});

async function start(config: Partial<Config> = {}, log?: Log): Promise<TestRelay> {
  const relay = await startRelay({ config: { store: url, bus: [nats.url], ...config }, ...(log && { log }) });
  relays.push(relay);
  return relay;
}

function recordingLog(): Log & { readonly events: { event: string; fields: FaultFields }[] } {
  const events: { event: string; fields: FaultFields }[] = [];
  const note = (event: string, fields: FaultFields = {}): void => void events.push({ event, fields });
  return { events, debug: note, info: note, warn: note, error: note };
}

const readiness = async (address: string) => {
  const answer = await fetch(`${address}/readyz`);
  return { status: answer.status, body: (await answer.json()) as unknown };
};

const patience = { timeout: 20_000, interval: 50 };

describe.skipIf(!canRun)('a node whose database is not there yet', () => {
  it('opens its port, says that it waits and for what, and goes on when the database comes', async () => {
    await postgres.kill9();
    const child = await spawnServe(url);
    try {
      await child.says('relay.waiting');
      expect(child.text()).toContain(`postgres://127.0.0.1:${postgres.port}`);
      expect(child.text()).not.toContain('secret-of-the-test');
      const address = `http://127.0.0.1:${child.port}`;
      expect((await fetch(`${address}/healthz`)).status).toBe(200);
      const waiting = await readiness(address);
      expect(waiting.status).toBe(503);
      expect(waiting.body).toMatchObject({
        error: { code: 'unavailable', message: expect.stringContaining('waits for its database') as string },
      });
      const client = openPlainClient(address);
      expect((await client.closed).code).toBe(1006);
      await postgres.restart();
      await child.says('relay.listening');
      expect((await readiness(address)).status).toBe(200);
    } finally {
      expect(await child.stop()).toBe(0);
    }
  });

  it('ends in order when it is told to stop while it waits', async () => {
    const child = await spawnServe('postgres://nobody@127.0.0.1:1/none');
    await child.says('relay.waiting');
    expect(await child.stop()).toBe(0);
  });

  it('does not wait for what waiting does not help: a wrong password, a database that is not there', async () => {
    const wrong = new URL(url);
    wrong.password = 'not-the-password';
    for (const each of [wrong.href, url.replace(/\/test_\d+$/, '/missing')]) {
      const ended = await runRelayCommand(['serve', '--data', folder, '--port', '0', '--store', each]);
      expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('parley-relay: The database refuses')]);
      expect(ended.err + ended.out).not.toContain('not-the-password');
    }
  });
});

describe.skipIf(!canRun)('a node in service', () => {
  it('names the engine that is away in /readyz, the metrics and the log, and stays in service without NATS', async () => {
    const log = recordingLog();
    const relay = await start({}, log);
    expect(await readiness(relay.address)).toEqual({ status: 200, body: { status: 'ready' } });
    await nats.kill9();
    await vi.waitFor(async () => {
      expect(await readiness(relay.address)).toEqual({
        status: 200,
        body: { status: 'ready', away: ['NATS servers'] },
      });
    }, patience);
    const metrics = async () => (await fetch(`${relay.address}/metrics`)).text();
    expect(await metrics()).toContain('parley_bus_up 0');
    expect(await metrics()).toContain('parley_store_up 1');
    expect(log.events.find(({ event }) => event === 'engine.away')?.fields).toMatchObject({ part: 'bus' });
    await nats.restart();
    await vi.waitFor(async () => {
      expect(await readiness(relay.address)).toEqual({ status: 200, body: { status: 'ready' } });
    }, patience);
    expect(log.events.some(({ event }) => event === 'engine.back')).toBe(true);
  });

  it('is out of service without its database, and back by itself', async () => {
    const relay = await start();
    await postgres.kill9();
    await vi.waitFor(async () => expect((await readiness(relay.address)).status).toBe(503), patience);
    await postgres.restart();
    await vi.waitFor(async () => expect((await readiness(relay.address)).status).toBe(200), patience);
  });

  it('starts before NATS does', async () => {
    await nats.kill9();
    const relay = await start();
    const anna = await registerAt(relay.address, 'anna');
    expect(anna.account.username).toBe('anna');
    await nats.restart();
  });
});

describe.skipIf(!canRun)('nodes of one fleet', () => {
  it('are one relay, and do what an admin’s command on a third machine says', async () => {
    const [one, other] = [await start(), await start()];
    expect(one.store.relayId).toBe(other.store.relayId);
    const anna = await registerAt(one.address, 'anna');
    const client = openPlainClient(other.address);
    client.send(helloFrame(anna.token));
    await client.next('welcome');
    const elsewhere = ['--data', folder, '--store', url, '--bus', nats.url];
    const listed = await runRelayCommand(['device', 'list', 'anna', '--json', ...elsewhere]);
    expect(listed.out).toContain(anna.device);
    const revoked = await runRelayCommand(['device', 'revoke', anna.device, ...elsewhere]);
    expect([revoked.err, revoked.code]).toEqual(['', 0]);
    expect((await client.closed).code).toBe(4411);
  });

  it('offer the first invite once, and back up with the database’s own tools', async () => {
    const args = ['--store', url, '--bus', nats.url, '--registration', 'invite'];
    const started = await Promise.all([spawnRelay({ args }), spawnRelay({ args })]);
    try {
      await vi.waitFor(() => {
        for (const relay of started) expect(relay.output()).toContain('Nobody has an account here yet');
      }, patience);
      const told = started.filter((relay) => relay.output().includes('Register in the app with this invite code'));
      expect(told).toHaveLength(1);
      const backup = await runRelayCommand(['backup', `${folder}/copy.db`, '--data', started[0].dataDir]);
      expect([backup.code, backup.err]).toEqual([2, expect.stringContaining('pg_basebackup')]);
    } finally {
      await Promise.all(started.map((relay) => relay.stop()));
    }
  });
});

interface ServeProcess {
  readonly port: number;
  text(): string;
  says(event: string): Promise<void>;
  stop(): Promise<number>;
}

/** `spawnRelay` waits until it listens, which is not to be waited for here. */
async function spawnServe(store: string): Promise<ServeProcess> {
  const port = await findPort(0);
  const args = [relayEntry, 'serve', '--data', folder, '--host', '127.0.0.1', '--port', String(port), '--store', store];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return {
    port,
    text: () => text,
    says: (event) => vi.waitFor(() => expect(text).toContain(`"${event}"`), patience),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

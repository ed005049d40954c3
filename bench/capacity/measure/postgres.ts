/**
 * What the store costs on a real PostgreSQL: CPU, write-ahead log and disk of a message, a cursor, a device that comes
 * back (`node bench/capacity/measure/postgres.ts`, about two minutes). Everything runs on this machine, fsync on.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createId, type ConversationId, type DeviceId, type MessageId, type UserId } from '../../../protocol/index.ts';
import { openPostgresStore, type PostgresStore } from '../../../signaling-server/adapters/postgres/postgres-store.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import type { NewMessage } from '../../../signaling-server/ports/store.ts';
import { startPostgres, type PostgresServer } from '../../../test/support/postgres-server.ts';
import { silentLog } from '../../../test/support/relay-core.ts';
import { cpuSecondsOf } from './cpu-of.ts';

const people = 400;
const conversationsEach = 20;
const payloadBytes = 320;
const seconds = 12;

interface Person {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly tokenHash: Uint8Array;
  readonly conversations: { id: ConversationId; other: UserId; head: number }[];
}

async function main(): Promise<void> {
  const server = await startPostgres({ settings: { shared_buffers: '512MB', max_wal_size: '2GB' } });
  try {
    const url = await server.createDatabase();
    const store = await openPostgresStore({ url, clock: Date.now, log: silentLog, metrics: silentMetrics });
    const crowd = await settle(store);
    await server.run('CHECKPOINT');
    const bench = createBench(server, url, store, crowd);
    for (const size of [1, 4, 16, 64]) await bench.append(size);
    await bench.cursors(32);
    await bench.sync();
    await bench.sizes();
    await store.close();
  } finally {
    await server.stop();
  }
}

async function settle(store: PostgresStore): Promise<Person[]> {
  const now = Date.now();
  const crowd: Person[] = Array.from({ length: people }, () => ({
    user: createId<UserId>(),
    device: createId<DeviceId>(),
    tokenHash: randomBytes(32),
    conversations: [],
  }));
  for (const [index, person] of crowd.entries()) {
    const { user, device, tokenHash } = person;
    const username = `person${String(index).padStart(5, '0')}`;
    const account = { id: user, username, displayName: username, email: null, phone: null, createdAt: now };
    await store.accounts.create({ ...account, passwordHash: '$argon2id$'.padEnd(97, 'x') });
    await store.devices.create({
      id: device,
      user,
      name: 'bench',
      platform: 'linux',
      createdAt: now,
      lastActiveAt: now,
      tokenHash,
    });
  }
  for (const [index, person] of crowd.entries()) {
    for (let each = 1; each <= conversationsEach / 2; each++) {
      const other = crowd[(index + each) % people];
      if (!other) continue;
      const id = createId<ConversationId>();
      await store.conversations.openDirect({ id, members: [person.user, other.user], now });
      const shared = { id, head: 0 };
      person.conversations.push({ ...shared, other: other.user });
      other.conversations.push({ ...shared, other: person.user });
    }
  }
  return crowd;
}

function createBench(server: PostgresServer, url: string, store: PostgresStore, crowd: readonly Person[]) {
  const pid = Number(readFileSync(join(server.place.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const heads = new Map<ConversationId, number>();
  const pick = <T>(from: readonly T[]): T => {
    const found = from[Math.floor(Math.random() * from.length)];
    if (found === undefined) throw new Error('Nothing to pick from.');
    return found;
  };

  async function one(sql: string): Promise<number> {
    const [row] = await server.run(sql, url);
    return Number(Object.values(row ?? {})[0]);
  }

  /** Calls `act` again and again, one at a time, and tells what each unit of it cost. */
  async function measure(what: string, act: () => Promise<number>): Promise<void> {
    const wal = await one("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')");
    const [cpu, own, begun] = [cpuSecondsOf(pid), process.cpuUsage(), performance.now()];
    const times: number[] = [];
    let units = 0;
    while (performance.now() - begun < seconds * 1_000) {
      const start = performance.now();
      units += await act();
      times.push(performance.now() - start);
    }
    const used = cpuSecondsOf(pid) - cpu;
    const mine = process.cpuUsage(own);
    const written = (await one("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")) - wal;
    times.sort((a, b) => a - b);
    const at = (part: number): string => (times[Math.floor(times.length * part)] ?? 0).toFixed(2);
    console.log(
      `${what}: ${(units / ((performance.now() - begun) / 1_000)).toFixed(0)} /s, database CPU ${((used * 1e6) / units).toFixed(1)} µs each, ` +
        `own CPU ${((mine.user + mine.system) / units).toFixed(1)} µs, WAL ${(written / units).toFixed(0)} bytes, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
    );
  }

  function message(): NewMessage {
    const { user, device, conversations } = pick(crowd);
    const { id } = pick(conversations);
    heads.set(id, (heads.get(id) ?? 0) + 1);
    const payload = randomBytes(payloadBytes);
    return { conversation: id, id: createId<MessageId>(), user, device, epoch: 0, kind: 'message', payload };
  }

  return {
    append: (size: number) =>
      measure(`append, groups of ${size}`, async () => {
        const outcomes = await store.log.append(Array.from({ length: size }, message), Date.now());
        if (outcomes.some(({ state }) => state !== 'accepted')) throw new Error('A message was not accepted.');
        return size;
      }),
    cursors: (size: number) =>
      measure(`cursors, groups of ${size}`, async () => {
        const moves = Array.from({ length: size }, () => {
          const { user, conversations } = pick(crowd);
          const { id } = pick(conversations);
          return { conversation: id, user, delivered: Math.ceil(Math.random() * (heads.get(id) ?? 0)) };
        });
        await store.conversations.advance(moves);
        return size;
      }),
    /** What a device that comes back makes the store do: token, heads, and a page of two conversations' logs. */
    sync: () =>
      measure('a device that comes back', async () => {
        const person = pick(crowd);
        await store.devices.byToken(person.tokenHash);
        await store.conversations.pageOf(person.user, null, 500);
        for (let each = 0; each < 2; each++) {
          const { id } = pick(person.conversations);
          const to = heads.get(id) ?? 1;
          await store.log.read(id, { from: Math.max(1, to - 20), to, limit: 200, maxBytes: 256 * 1_024 });
        }
        return 1;
      }),
    async sizes(): Promise<void> {
      const rows = await one('SELECT count(*) FROM log');
      const bytes = await one(
        "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE c.relname LIKE 'log_%' AND c.relkind = 'r'",
      );
      console.log(
        `${rows} messages take ${(bytes / rows).toFixed(0)} bytes each, ${(bytes / rows - payloadBytes).toFixed(0)} beyond the payload`,
      );
    },
  };
}

await main();

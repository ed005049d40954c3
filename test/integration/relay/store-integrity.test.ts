/** The relay looks through its database by itself: beside the event loop, once a day, when it is idle. */
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIdleCheck } from '../../../signaling-server/adapters/sqlite/idle-check.ts';
import { loadIntegrity, type IntegrityOutcome } from '../../../signaling-server/adapters/sqlite/integrity.ts';
import { openSqliteStore, type SqliteStore } from '../../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import { message } from '../../support/relay-client.ts';
import { addConversation, addPerson, silentLog, temporaryDirectory } from '../../support/relay-core.ts';

let dataDir: string;
let store: SqliteStore;
let events: string[];
let gauges: Map<string, () => number | Promise<number>>;

async function open(now = 5_000): Promise<void> {
  events = [];
  gauges = new Map();
  const log = { ...silentLog, info: note, warn: note, error: note };
  const metrics = {
    ...silentMetrics,
    gauge: (name: string, _help: string, read: () => number | Promise<number>) => void gauges.set(name, read),
  };
  store = await openSqliteStore({ dataDir, clock: () => now, log, metrics });
}
const note = (event: string): void => void events.push(event);

beforeEach(async () => {
  dataDir = temporaryDirectory();
  await open();
});
afterEach(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const shown = (name: string) => gauges.get(`parley_storage_${name}`)?.();

async function fill(count: number): Promise<void> {
  const anna = await addPerson(store);
  const conversation = await addConversation(store, anna, anna);
  const row = () => ({ ...message(conversation, 'x'.repeat(2_000)), user: anna.user, device: anna.device, kind: 'c' });
  for (let at = 0; at < count; at += 100) await store.log.append(Array.from({ length: 100 }, row), 1);
}

describe('a check', () => {
  it('of a database that is right is remembered, logged and shown, also after a restart', async () => {
    await fill(300);
    expect(await shown('checked_timestamp_seconds')).toBe(0);
    expect(await store.checkIntegrity()).toEqual({ at: 5_000, faults: [] });
    expect(events).toContain('storage.checked');
    await store.close();
    await open();
    expect(await shown('checked_timestamp_seconds')).toBe(5);
    expect(await shown('damaged')).toBe(0);
    const db = new Database(store.file, { readonly: true });
    expect(loadIntegrity(db)).toEqual({ at: 5_000, faults: [] });
    db.close();
  });

  it('finds pages that are damaged, says so, and the relay goes on', async () => {
    await fill(600);
    await store.close();
    const { size } = statSync(store.file);
    const handle = openSync(store.file, 'r+');
    for (let at = Math.floor(size / 16_384) * 8_192, pages = 0; pages < 8; at += 8_192, pages++) {
      writeSync(handle, Buffer.alloc(8_192, 0xa5), 0, 8_192, at);
    }
    closeSync(handle);
    await open(9_000);
    const outcome = await store.checkIntegrity();
    expect(outcome?.at).toBe(9_000);
    expect(outcome?.faults.length).toBeGreaterThan(0);
    expect(events).toContain('storage.damaged');
    expect(await shown('damaged')).toBe(1);
    await addPerson(store);
  });

  it('is done once however often it is asked for, beside writers, and ends with the store', async () => {
    await fill(1_000);
    const checks = [store.checkIntegrity(), store.checkIntegrity()];
    await fill(1_000);
    const [first, second] = await Promise.all(checks);
    expect(first).toEqual({ at: 5_000, faults: [] });
    expect(second).toBe(first);
    const cut = store.checkIntegrity();
    await store.close();
    expect([null, 5_000]).toContain((await cut)?.at ?? null);
  });
});

describe('the time for a check', () => {
  const dayMs = 86_400_000;
  let now: number;
  let written: number;
  let last: IntegrityOutcome | null;
  let checks: number;
  let look: () => Promise<void>;
  beforeEach(() => {
    now = 100 * dayMs;
    written = 0;
    last = null;
    checks = 0;
    look = createIdleCheck({
      clock: () => now,
      last: () => last,
      written: () => written,
      async check() {
        checks++;
        last = { at: now, faults: [] };
      },
    });
  });

  it('is once a day, when little is written', async () => {
    for (let minute = 0; minute < 3 * 1_440; minute++, now += 60_000) await look();
    expect(checks).toBe(3);
  });

  it('waits for a quiet minute, but not for more than a day', async () => {
    const busy = async () => {
      written += 10_000;
      now += 60_000;
      await look();
    };
    for (let minute = 0; minute < 1_439; minute++) await busy();
    expect(checks).toBe(0);
    await busy();
    expect(checks).toBe(1);
    for (let minute = 0; minute < 1_500; minute++) await busy();
    expect(checks).toBe(1);
    await look();
    expect(checks).toBe(2);
  });

  it('is not changed much by a clock that is set an hour forward or back, and comes after one set back by years', async () => {
    await look();
    expect(checks).toBe(1);
    for (const jump of [3_600_000, -3_600_000]) {
      now += jump;
      await look();
    }
    expect(checks).toBe(1);
    now -= 1_000 * dayMs;
    await look();
    expect(checks).toBe(2);
  });
});

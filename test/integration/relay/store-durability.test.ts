/** What was accepted survives `kill -9` (P1), and a retry after it gives the same seq (P3). */
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createId, type ConversationId, type MessageId } from '../../../protocol/index.ts';
import { openSqliteStore, type SqliteStore } from '../../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { message, RelayClient } from '../../support/relay-client.ts';
import {
  addConversation,
  addPerson,
  silentLog,
  startRelayCore,
  temporaryDirectory,
  type TestDevice,
} from '../../support/relay-core.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = temporaryDirectory();
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const open = (): Promise<SqliteStore> =>
  openSqliteStore({ dataDir, clock: Date.now, log: silentLog, metrics: silentMetrics });

async function startChild(): Promise<{ port: number; kill: () => Promise<void> }> {
  const script = join(import.meta.dirname, '../../support/relay-core-child.ts');
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const kill = async (): Promise<void> => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { port: Number(line.toString()), kill };
}

interface Pair {
  readonly anna: TestDevice;
  readonly ben: TestDevice;
  readonly conversation: ConversationId;
}

async function seedPairs(count: number): Promise<Pair[]> {
  const store = await open();
  const pairs: Pair[] = [];
  for (let index = 0; index < count; index++) {
    const [anna, ben] = [await addPerson(store), await addPerson(store)];
    pairs.push({ anna, ben, conversation: await addConversation(store, anna, ben) });
  }
  await store.close();
  return pairs;
}

/** Sends without pause, several in flight, and remembers what was accepted and what is open. */
function sendForever(client: RelayClient, conversation: ConversationId) {
  const unanswered = new Set<MessageId>();
  const next = (): void => {
    const id = createId<MessageId>();
    unanswered.add(id);
    client.send(message(conversation, `message ${id}`, id));
  };
  client.ws.on('message', () => {
    for (const frame of client.frames.splice(0)) {
      if (frame.type !== 'accepted') continue;
      accepted.set(frame.id, frame.seq);
      unanswered.delete(frame.id);
      next();
    }
  });
  const accepted = new Map<MessageId, number>();
  for (let count = 0; count < 8; count++) next();
  return { accepted, unanswered };
}

it('every accepted message is there after kill -9 under load, in order, and is never stored twice', async () => {
  const pairs = await seedPairs(10);
  for (let round = 0; round < 3; round++) {
    const child = await startChild();
    const senders = await Promise.all(
      pairs.map(async ({ anna, conversation }) => {
        const client = await RelayClient.connect(child.port);
        await client.hello(anna.token);
        await client.sync();
        return { anna, conversation, ...sendForever(client, conversation) };
      }),
    );
    // Killed in the middle of its work, when there is enough to lose.
    await expect
      .poll(() => Math.min(...senders.map(({ accepted }) => accepted.size)), { timeout: 20_000 })
      .toBeGreaterThan(60);
    await child.kill();

    const store = await open();
    for (const { anna, conversation, accepted, unanswered } of senders) {
      const stored = await store.log.read(conversation, { from: 1, to: 1e9, limit: 1e6, maxBytes: 1e9 });
      expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1));
      const seqs = new Map(stored.map(({ id, seq }) => [id, seq]));
      expect(seqs.size).toBe(stored.length);
      for (const [id, seq] of accepted) expect(seqs.get(id)).toBe(seq);
      const retries = [...unanswered].map((id) => ({
        ...message(conversation, 'again', id),
        user: anna.user,
        device: anna.device,
        kind: 'content',
      }));
      const outcomes = await store.log.append(retries, Date.now());
      for (const [index, id] of [...unanswered].entries()) {
        const known = seqs.get(id);
        if (known !== undefined) expect(outcomes[index]).toMatchObject({ state: 'repeated', seq: known });
        else expect(outcomes[index]).toMatchObject({ state: 'accepted' });
      }
    }
    await store.close();
  }
}, 60_000);

it('devices that were cut off by the kill get the same seq for a retry, and miss nothing', async () => {
  const [pair] = await seedPairs(1);
  if (!pair) throw new Error('no pair');
  const { anna, ben, conversation } = pair;
  const child = await startChild();
  const client = await RelayClient.connect(child.port);
  await client.hello(anna.token);
  const id = createId<MessageId>();
  const first = await client.say(conversation, 'before', id);
  await child.kill();
  await client.closed;

  const relay = await startRelayCore({ dataDir });
  const again = await relay.hello(anna);
  expect(await again.say(conversation, 'before', id)).toEqual(first);
  await again.say(conversation, 'after');
  const other = await relay.hello(ben);
  await other.sync();
  expect(other.delivered(conversation)).toEqual([1, 2]);
  await relay.stop();
});

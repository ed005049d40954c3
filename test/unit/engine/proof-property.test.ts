/** Whatever is done to the history behind the engine's back, one look makes it what the relay has. */
import type Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createId, type ConversationId, type DeviceId } from '../../../protocol/index.ts';
import { scriptedSetting, sealedText } from '../../support/engine-client.ts';
import { withHistory } from '../../support/engine-history.ts';

const count = 1_100;
const seq = fc.integer({ min: 1, max: count });
type Damage = (database: Sqlite.Database) => void;

function run(database: Sqlite.Database, sql: string, ...values: (string | number | Uint8Array)[]): void {
  database.prepare(sql).run(...values);
}

const damage: fc.Arbitrary<{ name: string; do: Damage }> = fc.oneof(
  seq.map((at) => ({
    name: `payload ${at}`,
    do: (database: Sqlite.Database) => run(database, "UPDATE messages SET payload = x'0081' WHERE seq = ?", at),
  })),
  seq.map((at) => ({
    name: `device ${at}`,
    do: (database: Sqlite.Database) =>
      run(database, 'UPDATE messages SET device = ? WHERE seq = ?', createId<DeviceId>(), at),
  })),
  fc.tuple(seq, fc.integer({ min: 1, max: 400 })).map(([at, size]) => ({
    name: `lost ${at}+${size}`,
    do: (database: Sqlite.Database) => run(database, 'DELETE FROM messages WHERE seq BETWEEN ? AND ?', at, at + size),
  })),
  fc.tuple(seq, seq).map(([one, other]) => ({
    name: `swapped ${one} ${other}`,
    do: (database: Sqlite.Database) => swap(database, one, other),
  })),
  seq.map((at) => ({
    name: `links ${at}`,
    do: (database: Sqlite.Database) =>
      run(database, 'UPDATE chain_checkpoints SET link = zeroblob(32) WHERE seq >= ?', at),
  })),
);

/** Two messages change places. */
function swap(database: Sqlite.Database, one: number, other: number): void {
  if (one === other) return;
  run(database, 'UPDATE messages SET seq = -1 WHERE seq = ?', one);
  run(database, 'UPDATE messages SET seq = ? WHERE seq = ?', one, other);
  run(database, 'UPDATE messages SET seq = ? WHERE seq = -1', other);
}

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly device: string;
  readonly payload: Buffer;
}

function rowsOf(dataDir: string): Row[] {
  return withHistory(dataDir, (database) =>
    database.prepare<[], Row>('SELECT seq, id, device, payload FROM messages ORDER BY seq').all(),
  );
}

test('random damage to messages, their order and the remembered links is put right, and nothing else is touched', async () => {
  const { relay, clock, dataDir, open } = await scriptedSetting();
  relay.features = ['chain'];
  const conversation: ConversationId = relay.addConversation();
  for (let number = 1; number <= count; number++) relay.append(conversation, { payload: sealedText(`text ${number}`) });
  const look = async (thorough: boolean) => {
    const client = await open();
    await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
    if (thorough) await client.invoke('sync.check', { conversation });
    await clock.until(async () => (await client.invoke('sync.status', { conversation })).state === 'same');
    await client.stop();
  };
  await look(false);
  const wanted = rowsOf(dataDir);
  expect(wanted).toHaveLength(count);
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 5 }), async (damages) => {
      withHistory(dataDir, (database) => damages.forEach((each) => each.do(database)));
      await look(true);
      expect(rowsOf(dataDir)).toEqual(wanted);
    }),
    { numRuns: 12, endOnFailure: true },
  );
}, 120_000);

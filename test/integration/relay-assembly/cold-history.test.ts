/** A relay serves messages that left its database, given the key to them, and `verify` takes them for what they are. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ConversationId } from '../../../protocol/index.ts';
import { hasPostgres, startPostgres } from '../../support/postgres-server.ts';
import { ColdStore } from '../../support/cold-store.ts';
import { runRelayCommand } from '../../support/run-relay-command.ts';
import { startRelay } from '../../support/start-relay.ts';
import { fillStore } from '../../support/stored-history.ts';

const coldKey = createHash('sha256').update('key of the test').digest('hex');
const whole = { from: 1, to: 10_000, limit: 10_000, maxBytes: 1e9 };

let dataDir: string;
let conversation: ConversationId;
beforeEach(async () => {
  const cold = await ColdStore.open();
  dataDir = cold.dataDir;
  const { conversations } = await fillStore(cold.plain, { people: 3, messages: 1_500 });
  [conversation] = conversations as [ConversationId];
  await cold.archive();
  await cold.plain.close();
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

it('serves what lies in segments, and refuses to start without the key to them', async () => {
  await expect(startRelay({ dataDir })).rejects.toThrow('Part of the history was moved to cold storage');
  const relay = await startRelay({ dataDir, config: { coldKey } });
  try {
    const messages = await relay.store.log.read(conversation, whole);
    expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
    const left = new Database(join(dataDir, 'relay.db'), { readonly: true });
    expect(Number(left.prepare('SELECT count(*) FROM log').pluck().get())).toBeLessThan(500);
    left.close();
  } finally {
    await relay.stop();
  }
});

it('verifies what is left, from the end of the segments on', async () => {
  const right = await runRelayCommand(['verify', '--data', dataDir]);
  expect(right.out).toMatch(/^ok {4}messages {8}\d+ in 3 conversations/m);
  expect(right.out).toMatch(/^ok {4}cold {12}\d+ messages in segments/m);
  expect(right.out).toMatch(/^ok {4}index /m);
  expect(right.out).toMatch(/^ok {4}devices /m);
  const db = new Database(join(dataDir, 'relay.db'));
  db.prepare("UPDATE log SET payload = x'00' WHERE id = (SELECT max(id) FROM log WHERE conversation = 2)").run();
  db.prepare('DELETE FROM cold_segments WHERE conversation = 1').run();
  db.close();
  const wrong = await runRelayCommand(['verify', '--data', dataDir]);
  expect(wrong.code).toBe(1);
  expect(wrong.out).toMatch(/^fail {2}messages .*comes after message 0/m);
  expect(wrong.out).toMatch(/^warn {2}devices .*holds another/m);
});

it.skipIf(!hasPostgres)(
  'moves with its catalogue of segments, which stay where they are, and verifies there, too',
  async () => {
    const postgres = await startPostgres({ fsync: false });
    try {
      const url = await postgres.createDatabase();
      const moved = await runRelayCommand(['migrate', '--from', dataDir, '--to', url]);
      expect(moved.out).toMatch(/^ok {4}cold segments {3}\d\d+ on both sides$/m);
      expect([moved.err, moved.code]).toEqual(['', 0]);
      const verified = await runRelayCommand(['verify', '--store', url]);
      expect(verified.out).toMatch(/^ok {4}cold {12}\d+ messages in segments/m);
      expect([verified.err, verified.code]).toEqual(['', 0]);
      await postgres.run("UPDATE log SET payload = 'other' WHERE seq = (SELECT max(seq) FROM log)", url);
      expect((await runRelayCommand(['verify', '--store', url])).out).toMatch(/^warn {2}devices .*holds another/m);
    } finally {
      await postgres.stop();
    }
  },
);

/** Which commits of the embedded store wait for the disk. */
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWriter, type Writer } from '../../../signaling-server/adapters/sqlite/writer.ts';

/** As SQLite numbers them. */
const [normal, full] = [1, 2];

let db: Sqlite.Database;
let writer: Writer;
beforeEach(() => {
  db = new Sqlite(':memory:');
  db.pragma('synchronous = FULL');
  writer = createWriter(db, { gate: () => null, committed() {} });
});
afterEach(() => void db.close());

const level = (): unknown => db.pragma('synchronous', { simple: true });
const soon = { work: level, durable: 'soon' } as const;
const now = { work: level };

it('waits for the disk, but for commits of which nothing has to', async () => {
  expect(await Promise.all([writer.join(soon), writer.join(soon)])).toEqual([normal, normal]);
  expect(await Promise.all([writer.join(soon), writer.join(now)])).toEqual([full, full]);
  expect(await writer.run(level)).toBe(full);
});

it('waits again after a commit that failed', async () => {
  const failing = writer.join({
    work() {
      throw new Error('in the middle');
    },
    durable: 'soon',
  });
  await expect(failing).rejects.toThrow();
  expect(level()).toBe(full);
});

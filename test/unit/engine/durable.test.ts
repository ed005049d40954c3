/** Which commits wait for the disk. What a power cut leaves of those that do not is the fault rig's to prove. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeQuietly, commitAs, openDatabase, type Database } from '../../../main/engine/storage/database.ts';
import { temporaryFolder } from '../../support/engine-client.ts';

/** As SQLite numbers them. */
const [normal, full] = [1, 2];

let folder: string;
let database: Database;
beforeEach(async () => {
  folder = await temporaryFolder();
  database = openDatabase({ file: join(folder, 'some.db'), migrations: ['CREATE TABLE words (word TEXT)'] });
});
afterEach(() => {
  closeQuietly(database);
});

const level = (): unknown => database.pragma('synchronous', { simple: true });
const write = (word: string) => database.prepare('INSERT INTO words VALUES (?)').run(word);
const words = () => database.prepare('SELECT word FROM words').pluck().all();

describe('a commit', () => {
  it('waits for the disk unless it is told that soon will do', () => {
    expect(commitAs(database, 'now', level)).toBe(full);
    expect(commitAs(database, 'soon', level)).toBe(normal);
    expect(level()).toBe(full);
  });

  it('waits again after one that failed', () => {
    const fail = () => {
      throw new Error('in the middle');
    };
    expect(() => commitAs(database, 'soon', database.transaction(fail))).toThrow('in the middle');
    expect(level()).toBe(full);
  });

  it('that is part of another waits as that one does', () => {
    const inner = () => commitAs(database, 'soon', () => (write('inner'), level()));
    const seen = database.transaction(() => (write('outer'), inner()))();
    expect([seen, words()]).toEqual([full, ['outer', 'inner']]);
  });
});

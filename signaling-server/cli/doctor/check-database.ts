/** Checks the database file: its version, its integrity, and the time of its newest message against this clock. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { milliseconds } from '../../../protocol/index.ts';
import { loadIntegrity } from '../../adapters/sqlite/integrity.ts';
import { refuseNewerFile, schemaVersion } from '../../adapters/sqlite/migrations.ts';
import { describeBytes } from '../../observe/disk-space.ts';
import { describeTime } from '../print.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** Messages may be a little ahead of the clock: the relay never lets time go back within a conversation. */
const toleranceMs = 60_000;
/** The relay does it once a day. */
const longSinceDays = 8;

export function checkDatabase(dataDir: string, now: number): Finding[] {
  const file = join(dataDir, 'relay.db');
  if (!existsSync(file)) return [ok('database', 'none yet')];
  try {
    refuseNewerFile(file);
  } catch (error) {
    return [fail('schema', (error as Error).message, 'Install the newer relay.')];
  }
  try {
    const db = new Database(file, { readonly: true, timeout: 2_000 });
    try {
      return [checkSchema(db), checkIntegrity(db, file), ...checkLastCheck(db, now), checkClock(db, now)];
    } finally {
      db.close();
    }
  } catch (error) {
    const advice = 'Stop the relay, keep a copy of the folder, and restore the newest backup.';
    return [fail('database', `${file} cannot be read: ${(error as Error).message}`, advice)];
  }
}

function checkSchema(db: Database.Database): Finding {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version === schemaVersion) return ok('schema', `version ${version}`);
  return warn(
    'schema',
    `version ${version}, this relay's is ${schemaVersion}`,
    'The next start upgrades it: make a backup first.',
  );
}

function checkIntegrity(db: Database.Database, file: string): Finding {
  const faults = db.prepare<[], string>('PRAGMA quick_check(5)').pluck().all();
  if (faults.length === 1 && faults[0] === 'ok') return ok('integrity', `${describeBytes(statSync(file).size)}, whole`);
  return fail(
    'integrity',
    `the database is damaged: ${faults[0] ?? 'unknown'}`,
    'Stop the relay and restore the newest backup.',
  );
}

/** What the relay found itself, when it was idle. Nothing to tell of a database that no relay had for a while. */
function checkLastCheck(db: Database.Database, now: number): Finding[] {
  const last = loadIntegrity(db);
  if (last === null) return [];
  const when = `looked through by the relay at ${describeTime(last.at)}`;
  if (last.faults.length > 0) {
    const advice = 'Run `parley-relay verify`. If it finds something, stop the relay and restore the newest backup.';
    return [warn('last check', `${when}: ${last.faults[0] ?? 'damaged'}`, advice)];
  }
  const days = (now - last.at) / milliseconds.day;
  if (days <= longSinceDays) return [ok('last check', `${when}: whole`)];
  return [
    warn('last check', `${when}: whole, and not since`, 'Run `parley-relay verify`, and leave the relay running.'),
  ];
}

/** Time zones do not matter: the relay keeps milliseconds since 1970. */
function checkClock(db: Database.Database, now: number): Finding {
  if (now < Date.UTC(2025, 0))
    return fail(
      'clock',
      `this machine believes it is ${describeTime(now)}`,
      'Set its clock (timedatectl set-ntp true).',
    );
  const isLog = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'log'").get();
  const newest = isLog
    ? db.prepare<[], number>('SELECT time FROM log ORDER BY id DESC LIMIT 1').pluck().get()
    : undefined;
  if (newest === undefined || newest <= now + toleranceMs) return ok('clock', describeTime(now));
  const found = `the newest message is from ${describeTime(newest)}, and now is ${describeTime(now)}`;
  return warn(
    'clock',
    found,
    'Set the clock (timedatectl set-ntp true): new messages get the time of the newest until it is reached.',
  );
}

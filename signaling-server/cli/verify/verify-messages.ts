/** Verifies messages, chains and indexes, some thousand conversations at a time. */
import type { Database } from 'better-sqlite3';
import type { Finding } from '../doctor/finding.ts';
import { checkIds, checkRuns } from './check-index.ts';
import { Differences } from './differences.ts';
import { describeLog, type LogTotals } from './log-findings.ts';
import { readClaims } from './read-claims.ts';
import { walkLog, type LogRange, type Walked } from './walk-log.ts';

/** Conversations held in memory at once, at about 400 bytes each; for each such window the log is read once. */
const windowSize = 100_000;

const restore = 'Stop the relay, keep a copy of its data folder, and restore the newest backup that verifies.';

export function verifyMessages(db: Database): Finding[] {
  const differences = {
    messages: new Differences(),
    chains: new Differences(),
    devices: new Differences(),
    index: new Differences(),
  };
  const total: LogTotals = { messages: 0, checkpoints: 0, conversations: 0, cold: 0 };
  const last = db.prepare<[], number | null>('SELECT max(id) FROM conversations').pluck().get() ?? 0;
  for (let from = 0; from <= last; from += windowSize) {
    const isLast = from + windowSize > last;
    const to = isLast ? Number.MAX_SAFE_INTEGER : from + windowSize - 1;
    const claims = readClaims(db, { from, to });
    const range = readRange(db, from, to);
    const walk = walkLog(db, range, claims, differences);
    checkReach(walk.conversations, claims.reach, differences.messages);
    checkRuns(db, range, walk.conversations, differences.index);
    total.messages += walk.messages;
    total.checkpoints += walk.checkpoints;
    total.conversations += walk.conversations.size;
    total.cold += walk.cold;
  }
  const ids = checkIds(db, differences.index);
  const index = differences.index.finding('index', `${ids} messages, each where it says`, restore);
  return describeLog({ total, differences, restore, whole: 'The relay', others: [index] });
}

function readRange(db: Database, from: number, to: number): LogRange {
  const through = db.prepare<[], number>('SELECT through FROM log_indexed').pluck().get() ?? 0;
  const upTo = db.prepare<[], number | null>('SELECT max(id) FROM log').pluck().get() ?? 0;
  return { from, to, upTo, through };
}

/** A log that lost its end has no gap; but others remember how far it went. */
function checkReach(walked: Map<number, Walked>, reach: ReadonlyMap<number, number>, differences: Differences): void {
  for (const [key, seq] of reach) {
    const conversation = walked.get(key);
    if (!conversation) differences.add(`members or devices of conversation row ${key} are there, and it is not`);
    else if (seq > conversation.seq)
      differences.add(`${conversation.id} ends at message ${conversation.seq}, and ${seq} was there`);
  }
}

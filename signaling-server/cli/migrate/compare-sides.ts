/** Proves that two sides hold the same: every row of every part, and every conversation's chain (protocol/chain.ts). */
import { hash } from 'node:crypto';
import type { ConversationId, DeviceId, MessageId } from '../../../protocol/index.ts';
import { firstLink, nextLink } from '../../relay/fold.ts';
import { columnsOf, partNames, type Part, type Row, type Value } from './parts.ts';
import { readColdEnds, type ColdEnds } from './cold-ends.ts';
import type { Page, Position, Source, Window } from './sides.ts';

export interface Compared {
  readonly part: Part;
  readonly rows: number;
  /** What differs, in words; empty when nothing does. */
  readonly differences: readonly string[];
  /** For the log: conversations whose chains were folded. */
  readonly chains: number;
}

/** Conversations whose chains are held in memory at once, at some 300 bytes each on both sides. */
const windowSize = 100_000;

export async function* compareSides(source: Source, target: Source): AsyncGenerator<Compared> {
  for (const part of partNames) {
    yield part === 'log' ? await compareLogs(source, target) : await comparePart(source, target, part);
  }
}

async function comparePart(source: Source, target: Source, part: Exclude<Part, 'log'>): Promise<Compared> {
  const [a, b] = await Promise.all([sumUp(source, part), sumUp(target, part)]);
  const differences =
    a.rows !== b.rows ? [`${a.rows} there and ${b.rows} here`] : a.sum.equals(b.sum) ? [] : ['rows differ'];
  return { part, rows: a.rows, differences, chains: 0 };
}

/** A sum that does not depend on the order of rows, which is each side's own. */
class RowSum {
  readonly #sum = Buffer.alloc(32);
  rows = 0;

  add(digest: Buffer): void {
    this.rows += 1;
    for (let at = 0; at < this.#sum.length; at += 4)
      this.#sum.writeInt32LE(this.#sum.readInt32LE(at) ^ digest.readInt32LE(at), at);
  }

  equals(other: RowSum): boolean {
    return this.rows === other.rows && this.#sum.equals(other.#sum);
  }
}

async function sumUp(side: Source, part: Exclude<Part, 'log'>): Promise<{ rows: number; sum: RowSum }> {
  const sum = new RowSum();
  const columns = columnsOf(part).map(([column]) => column);
  for await (const rows of pages((after) => side.page(part, after))) {
    for (const row of rows) sum.add(digestOf(columns, row as Readonly<Record<string, Value>>));
  }
  return { rows: sum.rows, sum };
}

function digestOf(columns: readonly string[], row: Readonly<Record<string, Value>>): Buffer {
  const values = columns
    .map((column) => row[column])
    .map((value) => (value instanceof Uint8Array ? hex(value) : value));
  return hash('sha256', JSON.stringify(values), 'buffer');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

async function* pages<P extends Part>(read: (after: Position | null) => Promise<Page<P> | null>) {
  for (let page = await read(null); page; page = await read(page.position)) yield page.rows;
}

interface Folded {
  /** The end of each chain. */
  readonly ends: Map<string, { seq: number; link: Uint8Array }>;
  /** Over what of the messages is in no chain. */
  readonly sum: RowSum;
  readonly broken: string[];
}

async function compareLogs(source: Source, target: Source): Promise<Compared> {
  const differences: string[] = [];
  let [rows, chains] = [0, 0];
  const [endsThere, endsHere] = await Promise.all([readColdEnds(source), readColdEnds(target)]);
  let window = await source.window(null, windowSize);
  while (window) {
    const [a, b] = await Promise.all([foldLog(source, window, endsThere), foldLog(target, window, endsHere)]);
    differences.push(...a.broken, ...differingChains(a, b));
    if (differences.length === 0 && !a.sum.equals(b.sum)) differences.push('senders, kinds or times differ');
    rows += a.sum.rows;
    chains += a.ends.size;
    window = await source.window(window.last, windowSize);
  }
  return { part: 'log', rows, differences, chains };
}

function differingChains(a: Folded, b: Folded): string[] {
  const differing: string[] = [];
  for (const [conversation, { seq, link }] of a.ends) {
    const other = b.ends.get(conversation);
    if (other?.seq === seq && Buffer.from(link).equals(other.link)) continue;
    differing.push(`${conversation} has ${seq} messages there and ${other?.seq ?? 0} here, or others`);
  }
  for (const conversation of b.ends.keys())
    if (!a.ends.has(conversation)) differing.push(`${conversation} is not there`);
  return differing;
}

async function foldLog(side: Source, window: Window, cold: ColdEnds): Promise<Folded> {
  const folded: Folded = { ends: new Map(), sum: new RowSum(), broken: [] };
  for await (const rows of pages((after) => side.logPage(window, after))) {
    for (const row of rows) foldMessage(folded, row, cold);
  }
  return folded;
}

function firstOf(conversation: string): { seq: number; link: Uint8Array } {
  return { seq: 0, link: firstLink(conversation as ConversationId) };
}

function foldMessage({ ends, sum, broken }: Folded, row: Row<'log'>, cold: ColdEnds): void {
  const { conversation, seq, message, user, device, kind, time, payload } = row;
  const end = ends.get(conversation) ?? cold.startOf(conversation, seq) ?? firstOf(conversation);
  if (seq !== end.seq + 1) broken.push(`${conversation} has no message ${end.seq + 1}`);
  const link = nextLink(end.link, { seq, device: device as DeviceId, id: message as MessageId, payload });
  ends.set(conversation, { seq, link });
  sum.add(hash('sha256', `${conversation} ${seq} ${user} ${kind} ${time}`, 'buffer'));
}

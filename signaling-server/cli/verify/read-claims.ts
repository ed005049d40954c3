/** What the database says of its conversations besides the log: how far they go, and with which links. */
import type { Database } from 'better-sqlite3';
import type { DeviceId } from '../../../protocol/index.ts';
import { idFromBytes } from '../../adapters/sqlite/ids.ts';

interface SignedOff {
  readonly device: DeviceId;
  readonly link: Buffer;
}

export interface Claims {
  /** Up to which seq there must be messages: members' cursors, checkpoints and devices that signed off say so. */
  readonly reach: ReadonlyMap<number, number>;
  /** What devices whose sessions stand said about this seq. */
  signedOff(conversation: number, seq: number): readonly SignedOff[];
  checkpoint(conversation: number, seq: number): Buffer | undefined;
}

interface WordRow {
  readonly conversation: number;
  readonly seq: number;
  readonly device: Buffer;
  readonly link: Buffer;
}

/** To be read before the log's end is, so that a relay that goes on beside is never ahead of what will be walked. */
export function readClaims(db: Database, { from, to }: { from: number; to: number }): Claims {
  const reach = db.prepare<{ from: number; to: number }, { conversation: number; seq: number }>(
    `SELECT conversation, max(seq) AS seq FROM (
       SELECT conversation, max(delivered, read) AS seq FROM members WHERE conversation BETWEEN @from AND @to
       UNION ALL SELECT conversation, seq FROM chain_checkpoints WHERE conversation BETWEEN @from AND @to
       UNION ALL SELECT conversation, seq FROM attestations WHERE conversation BETWEEN @from AND @to
       UNION ALL SELECT id, epoch FROM conversations WHERE id BETWEEN @from AND @to
     ) GROUP BY conversation`,
  );
  const words = db.prepare<[number, number], WordRow>(
    `SELECT a.conversation, a.seq, d.public_id AS device, a.link FROM attestations a
     JOIN devices d ON d.id = a.device AND d.token_hash IS NOT NULL WHERE a.conversation BETWEEN ? AND ?`,
  );
  const checkpoint = db
    .prepare<[number, number], Buffer>('SELECT link FROM chain_checkpoints WHERE conversation = ? AND seq = ?')
    .pluck();
  const said = groupWords(words.all(from, to));
  return {
    reach: new Map(reach.all({ from, to }).map(({ conversation, seq }) => [conversation, seq])),
    signedOff: (conversation, seq) => said.get(conversation)?.get(seq) ?? [],
    checkpoint: (conversation, seq) => checkpoint.get(conversation, seq),
  };
}

function groupWords(rows: readonly WordRow[]): Map<number, Map<number, SignedOff[]>> {
  const grouped = new Map<number, Map<number, SignedOff[]>>();
  for (const { conversation, seq, device, link } of rows) {
    const bySeq = grouped.get(conversation) ?? new Map<number, SignedOff[]>();
    bySeq.set(seq, [...(bySeq.get(seq) ?? []), { device: idFromBytes<DeviceId>(device), link }]);
    grouped.set(conversation, bySeq);
  }
  return grouped;
}

/** What a database of a fleet says of its conversations besides the log: how far they go, and with which links. */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { Window } from '../migrate/sides.ts';

export interface SharedClaims {
  readonly conversations: number;
  /** Up to which seq there must be messages. */
  readonly reach: ReadonlyMap<string, number>;
  checkpoint(conversation: string, seq: number): Uint8Array | undefined;
  /** What devices said about this seq. */
  signedOff(conversation: string, seq: number): readonly { device: string; link: Uint8Array }[];
}

const seq = z.coerce.number().int();
const reachSchema = z.object({ conversation_id: z.string(), seq });
const linkSchema = z.object({ conversation_id: z.string(), seq, link: z.instanceof(Uint8Array) });
const wordSchema = linkSchema.extend({ device_id: z.string() });

const between = 'WHERE conversation_id BETWEEN $1 AND $2';
const reaches = [
  `SELECT conversation_id, greatest(head, epoch) AS seq FROM conversations ${between}`,
  `SELECT conversation_id, max(greatest(delivered, read)) AS seq FROM members ${between} GROUP BY conversation_id`,
  `SELECT conversation_id, max(seq) AS seq FROM chain_checkpoints ${between} GROUP BY conversation_id`,
  `SELECT conversation_id, max(seq) AS seq FROM attestations ${between} GROUP BY conversation_id`,
];

export async function readSharedClaims(client: ClientBase, { first, last }: Window): Promise<SharedClaims> {
  const ask = async (sql: string) => (await client.query<unknown[]>(sql, [first, last])).rows;
  const reach = new Map<string, number>();
  const known = new Set<string>();
  for (const [index, sql] of reaches.entries()) {
    for (const row of z.array(reachSchema).parse(await ask(sql))) {
      if (index === 0) known.add(row.conversation_id);
      reach.set(row.conversation_id, Math.max(row.seq, reach.get(row.conversation_id) ?? 0));
    }
  }
  const kept = z
    .array(linkSchema)
    .parse(await ask(`SELECT conversation_id, seq, link FROM chain_checkpoints ${between}`));
  const said = z
    .array(wordSchema)
    .parse(await ask(`SELECT conversation_id, seq, link, device_id FROM attestations ${between}`));
  const links = new Map(kept.map((row) => [place(row.conversation_id, row.seq), row.link]));
  const words = new Map<string, { device: string; link: Uint8Array }[]>();
  for (const { conversation_id, seq: at, device_id: device, link } of said) {
    const those = words.get(place(conversation_id, at)) ?? [];
    words.set(place(conversation_id, at), [...those, { device, link }]);
  }
  return {
    conversations: known.size,
    reach,
    checkpoint: (conversation, at) => links.get(place(conversation, at)),
    signedOff: (conversation, at) => words.get(place(conversation, at)) ?? [],
  };
}

function place(conversation: string, at: number): string {
  return `${conversation} ${at}`;
}

/** Links of the conversations' chains that were computed, and what devices signed off. */
import type { ConversationId, DeviceId, UserId } from '../../../protocol/index.ts';
import type { Attestation, ChainStore } from '../../ports/store.ts';
import type { Database } from './database.ts';
import { bytesList, idList, numberList } from './values.ts';

const statements = {
  checkpoint: `SELECT seq, link FROM chain_checkpoints
    WHERE conversation_id = $1::uuid AND seq <= $2::bigint ORDER BY seq DESC LIMIT 1`,
  checkpoints: `SELECT seq, link FROM chain_checkpoints
    WHERE conversation_id = $1::uuid AND seq > $2::bigint ORDER BY seq LIMIT $3::bigint`,
  keep: `INSERT INTO chain_checkpoints (conversation_id, seq, link)
    SELECT $1::uuid, k.seq, k.link FROM unnest($2::bigint[], $3::bytea[]) AS k (seq, link)
    WHERE EXISTS (SELECT 1 FROM conversations WHERE conversation_id = $1::uuid)
    ORDER BY k.seq ON CONFLICT DO NOTHING`,
  attest: `INSERT INTO attestations (conversation_id, user_id, device_id, seq, link, at)
    SELECT s.conversation_id, s.user_id, s.device_id, s.seq, s.link, s.at
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bytea[], $6::bigint[])
      AS s (conversation_id, user_id, device_id, seq, link, at)
    JOIN members m ON m.conversation_id = s.conversation_id AND m.user_id = s.user_id
    ORDER BY s.conversation_id, s.user_id, s.device_id
    ON CONFLICT (conversation_id, user_id, device_id)
    DO UPDATE SET seq = excluded.seq, link = excluded.link, at = excluded.at`,
  attestations: `WITH said AS (
      SELECT a.user_id, a.device_id, a.seq, a.link, a.at FROM attestations a
      JOIN members m ON m.conversation_id = a.conversation_id AND m.user_id = a.user_id
      WHERE a.conversation_id = $1::uuid
    )
    SELECT s.user_id, s.device_id, s.seq, s.link, s.at FROM said s
    JOIN devices d ON d.user_id = s.user_id AND d.device_id = s.device_id AND d.token_hash IS NOT NULL
    ORDER BY s.user_id, s.device_id`,
};

type LinkRow = [seq: number, link: Buffer];
type AttestationRow = [UserId, DeviceId, seq: number, link: Buffer, at: number];

export function createChainStore(database: Database): ChainStore {
  function rowsOf<R extends unknown[]>(act: keyof typeof statements, ...values: unknown[]): Promise<R[]> {
    return database.direct({ name: `chains.${act}`, repeatable: true }, (connection) =>
      connection.rows<R>({ name: `chains-${act}`, text: statements[act], values }),
    );
  }

  return {
    async checkpoint(conversation, seq) {
      const [row] = await rowsOf<LinkRow>('checkpoint', conversation, seq);
      return row ? toLink(row) : null;
    },
    async checkpoints(conversation, after, limit) {
      return (await rowsOf<LinkRow>('checkpoints', conversation, after, limit)).map(toLink);
    },
    async keep(conversation, checkpoints) {
      if (checkpoints.length === 0) return;
      const seqs = numberList(checkpoints.map(({ seq }) => seq));
      await rowsOf('keep', conversation, seqs, bytesList(checkpoints.map(({ link }) => link)));
    },
    async attest(attestations) {
      const last = lastWords(attestations);
      if (last.length === 0) return;
      await rowsOf(
        'attest',
        idList(last.map(({ conversation }) => conversation)),
        idList(last.map(({ user }) => user)),
        idList(last.map(({ device }) => device)),
        numberList(last.map(({ seq }) => seq)),
        bytesList(last.map(({ link }) => link)),
        numberList(last.map(({ at }) => at)),
      );
    },
    async attestations(conversation) {
      const rows = await rowsOf<AttestationRow>('attestations', conversation);
      return rows.map(([user, device, seq, link, at]) => ({ conversation, user, device, seq, link, at }));
    },
  };
}

/** One a conversation and device: a statement may write each row once. */
function lastWords(attestations: readonly Attestation[]): Attestation[] {
  const keyOf = ({ conversation, user, device }: { conversation: ConversationId; user: UserId; device: DeviceId }) =>
    conversation + user + device;
  return [...new Map(attestations.map((said) => [keyOf(said), said])).values()];
}

function toLink([seq, link]: LinkRow): { seq: number; link: Uint8Array } {
  return { seq, link };
}

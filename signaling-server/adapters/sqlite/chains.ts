/** Links of the conversations' chains that were computed, and what devices signed off. */
import type { Database } from 'better-sqlite3';
import type { DeviceId, UserId } from '../../../protocol/index.ts';
import type { Attestation, ChainStore } from '../../ports/store.ts';
import { memberOf, type ConversationCache } from './conversation-cache.ts';
import { idFromBytes } from './ids.ts';
import type { Keys } from './keys.ts';
import type { Writer } from './writer.ts';

interface Deps {
  readonly db: Database;
  readonly writer: Writer;
  readonly keys: Keys;
  readonly cache: ConversationCache;
}

interface LinkRow {
  readonly seq: number;
  readonly link: Buffer;
}

interface AttestationRow extends LinkRow {
  readonly user_id: Buffer;
  readonly device_id: Buffer;
  readonly at: number;
}

export function createChainStore({ db, writer, keys, cache }: Deps): ChainStore {
  const rows = prepareStatements(db);

  function put({ conversation, user, device, seq, link, at }: Attestation): void {
    const held = cache.find(conversation);
    const deviceKey = keys.ofDevice(device);
    if (held === null || deviceKey === null || !memberOf(held, user)) return;
    rows.attest.run(held.key, deviceKey, seq, link, at);
  }

  return {
    async checkpoint(conversation, seq) {
      const held = cache.find(conversation);
      return held ? (rows.newest.get(held.key, seq) ?? null) : null;
    },
    async checkpoints(conversation, after, limit) {
      const held = cache.find(conversation);
      return held ? rows.page.all(held.key, after, limit) : [];
    },
    async keep(conversation, checkpoints) {
      const held = cache.find(conversation);
      if (held === null) return;
      await writer.join({
        work: () => checkpoints.forEach(({ seq, link }) => rows.keep.run(held.key, seq, link)),
      });
    },
    attest: (attestations) => writer.join({ work: () => attestations.forEach(put) }),
    async attestations(conversation) {
      const held = cache.find(conversation);
      if (held === null) return [];
      return rows.ofConversation.all(held.key).map(({ user_id, device_id, seq, link, at }) => {
        return {
          conversation,
          user: idFromBytes<UserId>(user_id),
          device: idFromBytes<DeviceId>(device_id),
          seq,
          link,
          at,
        };
      });
    },
  };
}

function prepareStatements(db: Database) {
  return {
    newest: db.prepare<[number, number], LinkRow>(
      'SELECT seq, link FROM chain_checkpoints WHERE conversation = ? AND seq <= ? ORDER BY seq DESC LIMIT 1',
    ),
    page: db.prepare<[number, number, number], LinkRow>(
      'SELECT seq, link FROM chain_checkpoints WHERE conversation = ? AND seq > ? ORDER BY seq LIMIT ?',
    ),
    keep: db.prepare<[number, number, Uint8Array]>(
      'INSERT INTO chain_checkpoints VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    attest: db.prepare<[number, number, number, Uint8Array, number]>(
      `INSERT INTO attestations VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET seq = excluded.seq, link = excluded.link, at = excluded.at`,
    ),
    ofConversation: db.prepare<[number], AttestationRow>(
      `SELECT u.public_id AS user_id, d.public_id AS device_id, a.seq, a.link, a.at
       FROM attestations a JOIN devices d ON d.id = a.device AND d.token_hash IS NOT NULL
       JOIN members m ON m.conversation = a.conversation AND m.user = d.user JOIN users u ON u.id = d.user
       WHERE a.conversation = ? ORDER BY u.public_id, d.public_id`,
    ),
  };
}

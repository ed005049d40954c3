/**
 * Who belongs to which conversation, as this relay last read it. A copy may be old: whoever relies on it has the database
 * compare its epoch, which each change of members raises, and forgets the copy where it differs.
 */
import type { ConversationId, UserId } from '../../../protocol/index.ts';
import { Recent } from '../../runtime/recent.ts';
import type { AskLive } from './database.ts';
import { idList } from './values.ts';

export interface HeldMembers {
  readonly epoch: number;
  readonly users: readonly UserId[];
}

export interface MembersCache {
  /** What is held; undefined when it has to be loaded first, or there is no such conversation. */
  get(conversation: ConversationId): HeldMembers | undefined;
  /** Reads them anew; unknown ones are not held afterwards. */
  load(conversations: Iterable<ConversationId>, ask: AskLive): Promise<void>;
  /** Reads those that are not held. @returns which ones those were. */
  ensure(conversations: Iterable<ConversationId>, ask: AskLive): Promise<ConversationId[]>;
}

const remembered = 50_000;

const select = {
  name: 'members-of',
  text: `SELECT c.conversation_id, c.epoch, m.user_id
    FROM conversations c JOIN members m ON m.conversation_id = c.conversation_id
    WHERE c.conversation_id = ANY ($1::uuid[])`,
};

export function createMembersCache(): MembersCache {
  const held = new Recent<ConversationId, HeldMembers>(remembered);

  async function load(conversations: Iterable<ConversationId>, ask: AskLive): Promise<void> {
    const ids = [...new Set(conversations)];
    if (ids.length === 0) return;
    const rows = await ask({ name: 'members.load', repeatable: true }, (connection) =>
      connection.rows<[ConversationId, number, UserId]>({ ...select, values: [idList(ids)] }),
    );
    const found = new Map<ConversationId, { epoch: number; users: UserId[] }>();
    for (const [id, epoch, user] of rows) {
      const entry = found.get(id) ?? { epoch, users: [] };
      entry.users.push(user);
      found.set(id, entry);
    }
    for (const id of ids) {
      const entry = found.get(id);
      if (entry) held.set(id, entry);
      else held.delete(id);
    }
  }

  return {
    get: (conversation) => held.get(conversation),
    load,
    async ensure(conversations, ask) {
      const missing = [...conversations].filter((id) => held.get(id) === undefined);
      await load(missing, ask);
      return missing;
    },
  };
}

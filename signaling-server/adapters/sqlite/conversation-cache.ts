/** Conversations as the adapter holds them in memory: loaded when first asked for, true since it is the only writer. */
import type { Database } from 'better-sqlite3';
import type { Conversation, ConversationId, UserId } from '../../../protocol/index.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import type { LogIndex } from './log-index.ts';
import { Recent } from '../../runtime/recent.ts';

export interface HeldMember {
  readonly key: number;
  readonly user: UserId;
  delivered: number;
  read: number;
}

export interface HeldConversation {
  readonly key: number;
  readonly id: ConversationId;
  readonly kind: Conversation['kind'];
  readonly createdAt: number;
  readonly members: readonly HeldMember[];
  /** The same people as `members`. */
  readonly users: readonly UserId[];
  epoch: number;
  head: number;
  activeAt: number;
  /** The greatest id of its messages; empty while there is none. */
  greatestId: string;
}

export interface ConversationCache {
  find(id: ConversationId): HeldConversation | null;
  ofKey(key: number): HeldConversation | null;
  /** Forgets what is held; the next question is answered from the disk. */
  drop(conversation: HeldConversation): void;
}

interface ConversationRow {
  readonly id: number;
  readonly public_id: Buffer;
  readonly kind: Conversation['kind'];
  readonly epoch: number;
  readonly created_at: number;
}

interface MemberRow {
  readonly user: number;
  readonly public_id: Buffer;
  readonly delivered: number;
  readonly read: number;
}

const columns = 'id, public_id, kind, epoch, created_at';
const remembered = 20_000;

export function createConversationCache(db: Database, index: LogIndex): ConversationCache {
  const byId = db.prepare<[Buffer], ConversationRow>(`SELECT ${columns} FROM conversations WHERE public_id = ?`);
  const byKey = db.prepare<[number], ConversationRow>(`SELECT ${columns} FROM conversations WHERE id = ?`);
  const members = db.prepare<[number], MemberRow>(
    'SELECT m.user, u.public_id, m.delivered, m.read FROM members m JOIN users u ON u.id = m.user WHERE m.conversation = ?',
  );
  const held = new Recent<ConversationId, HeldConversation>(remembered);
  const ids = new Recent<number, ConversationId>(remembered * 4);

  function load(row: ConversationRow | undefined): HeldConversation | null {
    if (!row) return null;
    const people = members.all(row.id).map(({ user, public_id, delivered, read }) => {
      return { key: user, user: idFromBytes<UserId>(public_id), delivered, read };
    });
    const head = index.newest(row.id);
    const conversation: HeldConversation = {
      key: row.id,
      id: idFromBytes(row.public_id),
      kind: row.kind,
      createdAt: row.created_at,
      members: people,
      users: people.map((member) => member.user),
      epoch: row.epoch,
      head: head?.seq ?? 0,
      activeAt: head?.time ?? row.created_at,
      greatestId: index.greatestId(row.id),
    };
    held.set(conversation.id, conversation);
    ids.set(conversation.key, conversation.id);
    return conversation;
  }

  return {
    find: (id) => held.get(id) ?? load(byId.get(idToBytes(id))),
    ofKey(key) {
      const id = ids.get(key);
      return (id && held.get(id)) ?? load(byKey.get(key));
    },
    drop: (conversation) => held.delete(conversation.id),
  };
}

export function memberOf(conversation: HeldConversation, user: UserId): HeldMember | undefined {
  return conversation.members.find((member) => member.user === user);
}

export function toConversation({
  id,
  kind,
  epoch,
  head,
  createdAt,
  activeAt,
  members,
}: HeldConversation): Conversation {
  const cursors = members.map(({ user, delivered, read }) => ({ user, delivered, read }));
  return { id, kind, epoch, head, createdAt, activeAt, cursors };
}

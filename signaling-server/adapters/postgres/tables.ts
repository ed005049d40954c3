/** The tables as Kysely knows them: see `schema-001-first.ts` for what they mean. */
import type { Generated } from 'kysely';
import type { Conversation, ConversationId, DeviceId, MessageId, UserId } from '../../../protocol/index.ts';

export interface Tables {
  meta: { key: string; value: Buffer };
  users: UserTable;
  usernames: { username: Buffer; user_id: UserId };
  emails: { email: string; user_id: UserId };
  phones: { phone: string; user_id: UserId };
  name_words: { initial: string; of_username: boolean; word: Buffer; user_id: UserId };
  invites: InviteTable;
  devices: DeviceTable;
  device_users: { device_id: DeviceId; user_id: UserId };
  tokens: TokenTable;
  revoked_tokens: TokenTable;
  conversations: ConversationTable;
  members: MemberTable;
  memberships: { user_id: UserId; conversation_id: ConversationId };
  direct_pairs: { low_id: UserId; high_id: UserId; conversation_id: ConversationId };
  log: LogTable;
  blob_holds: BlobTable;
  blob_uploads: BlobTable;
  blobs: { blob: Buffer; holds: number; removable: boolean };
  blob_usage: { user_id: UserId; held_bytes: number };
  chain_checkpoints: { conversation_id: ConversationId; seq: number; link: Buffer };
  attestations: AttestationTable;
  cold_segments: ColdSegmentTable;
}

export interface UserTable {
  user_id: UserId;
  username: string;
  display_name: string;
  email: string | null;
  phone: string | null;
  password_hash: string;
  created_at: number;
  last_active_at: number | null;
  disabled: Generated<boolean>;
}

export interface InviteTable {
  hash: Uint8Array;
  label: string;
  created_at: number;
  expires_at: number | null;
  uses: number;
  max_uses: number;
  revoked: boolean;
}

export interface DeviceTable {
  user_id: UserId;
  device_id: DeviceId;
  name: string;
  platform: string;
  created_at: number;
  last_active_at: number;
  generation: Generated<number>;
  token_hash: Uint8Array | null;
}

interface TokenTable {
  token_hash: Uint8Array;
  user_id: UserId;
  device_id: DeviceId;
}

export interface ConversationTable {
  conversation_id: ConversationId;
  kind: Conversation['kind'];
  epoch: Generated<number>;
  head: Generated<number>;
  active_at: number;
  created_at: number;
  changed_at: Generated<Date>;
}

interface MemberTable {
  conversation_id: ConversationId;
  user_id: UserId;
  delivered: Generated<number>;
  read: Generated<number>;
}

interface LogTable {
  conversation_id: ConversationId;
  seq: number;
  message_id: MessageId;
  user_id: UserId;
  device_id: DeviceId;
  kind: string;
  time: number;
  payload: Buffer;
}

export interface BlobTable {
  conversation_id: ConversationId;
  blob: Buffer;
  user_id: UserId;
  bytes: number;
  at: number;
}

interface AttestationTable {
  conversation_id: ConversationId;
  user_id: UserId;
  device_id: DeviceId;
  seq: number;
  link: Buffer;
  at: number;
}

export interface ColdSegmentTable {
  conversation_id: ConversationId;
  first_seq: number;
  last_seq: number;
  object: string;
  bytes: number;
  hash: Uint8Array;
  link: Uint8Array;
  least_id: MessageId;
  greatest_id: MessageId;
  noted_at: number;
  pruned: Generated<boolean>;
}

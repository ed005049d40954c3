/**
 * The durable truth of a relay, in seven small roles. Each adapter passes `runStoreContract`.
 *
 * Rules for every adapter:
 * - a promise that resolves after a write means the write is on disk (P1); a failed write changed nothing;
 * - every query is keyed by one user, one conversation or one blob, so that data can be partitioned by those ids;
 * - a full disk rejects with ParleyError `storage_full`, a store that is away with `unavailable`.
 */
import type {
  Account,
  BlobId,
  Conversation,
  ConversationId,
  Cursor,
  DeviceId,
  Envelope,
  MessageId,
  Profile,
  RelayId,
  UserId,
} from '../../protocol/index.ts';
import type { ColdCatalogue } from './cold.ts';

/** A password as argon2id in PHC string format; never a password. */
export type PasswordHash = string;
/** SHA-256 of a session token or invite code, 32 bytes. */
export type SecretHash = Uint8Array;

export interface StoredAccount extends Account {
  readonly passwordHash: PasswordHash;
  readonly disabled: boolean;
}

export interface NewAccount {
  readonly id: UserId;
  readonly username: string;
  readonly displayName: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly passwordHash: PasswordHash;
  readonly createdAt: number;
  /** Redeemed in the same commit; `invite_invalid` when it is unknown, spent, expired or revoked. */
  readonly inviteHash?: SecretHash | undefined;
}

export interface AccountStore {
  /** @throws ParleyError `username_taken`, `email_taken`, `phone_taken` (with `field`), `invite_invalid`. */
  create(account: NewAccount): Promise<void>;
  byUsername(username: string): Promise<StoredAccount | null>;
  byId(user: UserId): Promise<StoredAccount | null>;
  /** Only the given fields change. @throws as `create`; `not_found` for an unknown user. */
  update(
    user: UserId,
    changes: Partial<Pick<StoredAccount, 'displayName' | 'email' | 'phone' | 'passwordHash' | 'disabled'>>,
  ): Promise<StoredAccount>;
  /** In the order asked; unknown and repeated ids are left out. */
  profiles(users: readonly UserId[]): Promise<Profile[]>;
  /** Enabled accounts whose username, or a word of whose display name, begins with `prefix` (any case), by username. */
  search(prefix: string, limit: number): Promise<Profile[]>;
  /** For the admin's listing: by username, after the given one. */
  list(after: string | null, limit: number): Promise<StoredAccount[]>;
}

export interface StoredDevice {
  readonly id: DeviceId;
  readonly user: UserId;
  readonly name: string;
  readonly platform: string;
  readonly createdAt: number;
  readonly lastActiveAt: number;
  readonly generation: number;
}

export interface DeviceStore {
  create(device: Omit<StoredDevice, 'generation'> & { readonly tokenHash: SecretHash }): Promise<void>;
  /** Null for unknown and revoked tokens and for those of disabled accounts. */
  byToken(tokenHash: SecretHash): Promise<{ device: StoredDevice; profile: Profile } | null>;
  byId(device: DeviceId): Promise<StoredDevice | null>;
  listOf(user: UserId): Promise<StoredDevice[]>;
  /** Which devices' sessions stand: none of an account that is disabled or that there is not. */
  standing(users: readonly UserId[]): Promise<Map<UserId, DeviceId[]>>;
  /**
   * Ends the sessions of these devices of the user for good. With `erase`, their tokens are remembered, so that the
   * devices are told to erase what they keep when they next show them. @returns those that there were.
   */
  revoke(user: UserId, devices: readonly DeviceId[], how?: { readonly erase: boolean }): Promise<DeviceId[]>;
  /** Whether a session of this token was ended with `erase`. */
  isToErase(tokenHash: SecretHash): Promise<boolean>;
  /** Remembers when devices were last seen; called in batches. Never moves a time back. */
  touch(seen: readonly { device: DeviceId; user: UserId; at: number }[]): Promise<void>;
  /** When a user was last seen on any device, revoked ones included. Unknown and never seen users are left out. */
  lastActive(users: readonly UserId[]): Promise<Map<UserId, number>>;
  /** Keeps the greater of the stored and the given generation. @returns the one kept. */
  raiseGeneration(device: DeviceId, generation: number): Promise<number>;
}

export interface StoredInvite {
  /** The first characters of the code, by which an admin tells invites apart and revokes them. */
  readonly label: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly uses: number;
  readonly maxUses: number;
  readonly revoked: boolean;
}

export interface InviteStore {
  create(invite: StoredInvite & { readonly hash: SecretHash }): Promise<void>;
  list(): Promise<StoredInvite[]>;
  /** @returns whether there was such an invite that could still be used. */
  revoke(label: string): Promise<boolean>;
}

export interface ConversationStore {
  /** One per pair, whoever asks first (one with oneself is allowed). @returns `created: false` when it was there. */
  openDirect(input: {
    id: ConversationId;
    members: readonly [UserId, UserId];
    now: number;
  }): Promise<{ conversation: Conversation; created: boolean }>;
  /**
   * Null unless `member` belongs to it: a stranger's answer is that of an id that does not exist.
   * @param atLeast says that what is remembered will do, if its head is not below this: members, cursors and head may be
   * some seconds old then. Left out, the answer is as of now. Stores that remember nothing pass it over.
   */
  get(conversation: ConversationId, member: UserId, atLeast?: number): Promise<Conversation | null>;
  /** All conversations of a user, the most recently active first. */
  listOf(user: UserId): Promise<Conversation[]>;
  /** A page of them by id, after the given one. */
  pageOf(user: UserId, after: ConversationId | null, limit: number): Promise<Conversation[]>;
  /**
   * Heads of these users' conversations that were made, or got messages, within the last `ms` milliseconds, and maybe of
   * others: what to compare when notes may have been lost. It goes by the store's own clock alone, whatever the clocks of the
   * relays that wrote into it say. A write counts from when it began, so `ms` has to allow for how long one may take.
   */
  activeWithin(users: readonly UserId[], ms: number): Promise<ActiveHead[]>;
  /** Those of `others` who share a conversation with `user`. */
  contactsAmong(user: UserId, others: readonly UserId[]): Promise<UserId[]>;
  /**
   * Merges cursors by maximum; `read` raises `delivered` too. Moves that change nothing give null.
   * A conversation that the user does not belong to gives `not_found`, a cursor past the head `seq_ahead`; either
   * leaves that one move out and the others standing.
   * @param lane as for `LogStore.append`.
   */
  advance(moves: readonly CursorMove[], lane?: number): Promise<(CursorAdvance | CursorRefusal | null)[]>;
}

export interface ConversationHead {
  readonly conversation: ConversationId;
  readonly head: number;
}

export interface ActiveHead extends ConversationHead {
  /** One of those who were asked about, and a member. */
  readonly user: UserId;
}

export interface CursorMove {
  readonly conversation: ConversationId;
  readonly user: UserId;
  readonly delivered?: number | undefined;
  readonly read?: number | undefined;
}

/** The merged cursor, and who is to hear of it. */
export interface CursorAdvance {
  readonly state: 'advanced';
  readonly cursor: Cursor;
  readonly members: readonly UserId[];
}

export interface CursorRefusal {
  readonly state: 'refused';
  readonly code: 'not_found' | 'seq_ahead';
}

export interface NewMessage {
  readonly conversation: ConversationId;
  readonly id: MessageId;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly epoch: number;
  readonly kind: string;
  readonly payload: Uint8Array;
}

export type AppendOutcome =
  /** Stored under `seq`. */
  | { readonly state: 'accepted'; readonly seq: number; readonly time: number; readonly members: readonly UserId[] }
  /**
   * This id was stored before by the same user, under this seq: nothing is stored. Who stored it may have died before
   * telling the members, so they are told that it is there.
   */
  | { readonly state: 'repeated'; readonly seq: number; readonly time: number; readonly members: readonly UserId[] }
  | { readonly state: 'refused'; readonly code: 'not_found' | 'message_id_taken' }
  | { readonly state: 'refused'; readonly code: 'stale_epoch'; readonly epoch: number };

export interface LogStore {
  /**
   * Stores a group of messages in one durable commit, in the order given, and numbers each in its conversation
   * without gaps (P2). Time is `now`, raised where needed so that it never falls within a conversation.
   * @param lane of `StoreLanes`: groups of different lanes, and those of none, may be stored at once. Who asks sees to it
   * that they have no conversation in common. Groups of one lane are stored in the order in which they are asked for.
   * @returns one outcome a message, in the same order. Rejects as a whole when the commit fails.
   */
  append(messages: readonly NewMessage[], now: number, lane?: number): Promise<AppendOutcome[]>;
  /** Messages `from` up to `to` in order, at most `limit` and about `maxBytes` of payload, but at least one if there is one. */
  read(
    conversation: ConversationId,
    range: { from: number; to: number; limit: number; maxBytes: number },
  ): Promise<Envelope[]>;
}

/** A user's hold on a blob in a conversation: the user put it there, so that the members may fetch it. */
export interface BlobHold {
  readonly conversation: ConversationId;
  readonly blob: BlobId;
  readonly user: UserId;
  /** Size of the blob. */
  readonly bytes: number;
  readonly at: number;
}

/** What a user may hold in all, uploads under way included; null: as much as they like. */
export interface HoldLimits {
  readonly quotaBytes: number | null;
  /** How many uploads under way. */
  readonly uploads: number;
}

export type HoldOutcome =
  | { readonly state: 'held' }
  /** Nothing was changed; `usedBytes` is what the user holds. */
  | { readonly state: 'over_quota'; readonly usedBytes: number }
  | { readonly state: 'too_many_uploads' }
  /** For `share`: the user may read this blob nowhere. */
  | { readonly state: 'not_found' };

/**
 * Which blobs conversations hold, who put them there, and whose uploads are under way. A blob's bytes may go once
 * nobody holds it: whatever lets go of the last hold or upload remembers the blob in the same commit, as removable.
 * Membership is the caller's to check (`ConversationStore.get`), but for `share`.
 */
export interface BlobStore {
  /** Size of a blob that the conversation holds, whoever put it there; null when it does not. */
  sizeIn(conversation: ConversationId, blob: BlobId): Promise<number | null>;
  /** Whether any conversation holds the blob. */
  isHeld(blob: BlobId): Promise<boolean>;
  /**
   * Adds a hold on a blob that some conversation of the user holds already. Held before by the same user in the same
   * conversation: its time becomes `at`.
   */
  share(hold: Omit<BlobHold, 'bytes'>, limits: HoldLimits): Promise<HoldOutcome>;
  /** Notes that the user is about to send a blob. Begun before: time and size become those given. */
  begin(upload: BlobHold, limits: HoldLimits): Promise<HoldOutcome>;
  /** The user's upload of a blob to a conversation; null when it was never begun, or is over. */
  upload(key: Omit<BlobHold, 'bytes' | 'at'>): Promise<BlobHold | null>;
  /** Whether the user is uploading the blob to any conversation. */
  isUploading(user: UserId, blob: BlobId): Promise<boolean>;
  /** All the user's uploads of this blob go on: their time becomes `at`. */
  touch(user: UserId, blob: BlobId, at: number): Promise<void>;
  /**
   * Ends all the user's uploads of this blob; those of this size become holds, where the user is a member still.
   * @returns the conversations that hold it through them.
   */
  complete(upload: Pick<BlobHold, 'user' | 'blob' | 'bytes'>, at: number): Promise<ConversationId[]>;
  /** Ends a hold. @returns false when the user has none. */
  release(key: Omit<BlobHold, 'bytes' | 'at'>): Promise<boolean>;
  /** Ends an upload. @returns null when there is none, else whether it was the user's last one of this blob. */
  abandon(key: Omit<BlobHold, 'bytes' | 'at'>): Promise<{ last: boolean } | null>;
  /** Bytes of a user's holds and uploads. */
  usedBy(user: UserId): Promise<number>;
  /** Some holds from before that time, oldest first. */
  heldBefore(before: number, limit: number): Promise<BlobHold[]>;
  /** Some uploads that nothing happened to since then, oldest first. */
  uploadsBefore(before: number, limit: number): Promise<BlobHold[]>;
  /** Some blobs that were let go of by their last holder. They may be held again by now. */
  removable(limit: number): Promise<BlobId[]>;
  /** Forgets that a blob is removable: it was removed, or is held again. */
  settleRemoval(blob: BlobId): Promise<void>;
}

/** What a device said it holds: the link it computed at a seq. */
export interface Attestation {
  readonly conversation: ConversationId;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly seq: number;
  readonly link: Uint8Array;
  readonly at: number;
}

/** Links of the chains of conversations (protocol/chain.ts), and what devices signed off. */
export interface ChainStore {
  /** The newest checkpoint at or before a seq; null when there is none. */
  checkpoint(conversation: ConversationId, seq: number): Promise<{ seq: number; link: Uint8Array } | null>;
  /** Checkpoints in seq order after a seq, at most `limit`; for verifying. */
  checkpoints(conversation: ConversationId, after: number, limit: number): Promise<{ seq: number; link: Uint8Array }[]>;
  /** Keeps checkpoints; one that is there stays as it is, so that a log that changed later is found out. */
  keep(conversation: ConversationId, checkpoints: readonly { seq: number; link: Uint8Array }[]): Promise<void>;
  /** Keeps the last word of each device on each conversation; those of users who are no members are left out. Shares commits. */
  attest(attestations: readonly Attestation[]): Promise<void>;
  /** Of devices of members whose session stands, by user and device. */
  attestations(conversation: ConversationId): Promise<Attestation[]>;
}

/**
 * How writes may be divided where a part of the store may be stuck while the rest of it is well: conversations whose writes
 * wait for the same part are in few lanes.
 */
export interface StoreLanes {
  readonly count: number;
  /** Groups of messages, and of cursors, that are under way at once at most: the store has so many ways to write. */
  readonly appendsAtOnce: number;
  readonly advancesAtOnce: number;
  /** From 0, below `count`; always the same for a conversation. */
  laneOf(conversation: ConversationId): number;
}

export interface Store {
  /** Made with the database; stays when it is moved or restored. */
  readonly relayId: RelayId;
  readonly accounts: AccountStore;
  readonly devices: DeviceStore;
  readonly invites: InviteStore;
  readonly conversations: ConversationStore;
  readonly log: LogStore;
  readonly blobs: BlobStore;
  readonly chains: ChainStore;
  /** Where messages are that left the log; see `ports/cold.ts`. */
  readonly cold?: ColdCatalogue;
  /** Left out by a store that is one thing: it works or it does not. */
  readonly lanes?: StoreLanes;
  /** Rejects when the store cannot serve. For `/readyz`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Tells relay nodes what happened, so that they can tell their sockets. Each adapter passes `runBusContract`.
 *
 * The store is the truth and a note only a hint: a lost note costs latency, never a message, since the node that hears
 * of a later one, or compares heads, gives what is missing from the store. Notes of one publisher on one subject arrive
 * in the order published; several nodes publish about one conversation, so seqs may come in any order.
 * Presence is who is subscribed: a user is online while any node subscribes to the user's subject.
 */
import type {
  Conversation,
  ConversationId,
  Cursor,
  DeviceId,
  Envelope,
  Presence,
  Profile,
  UserId,
} from '../../protocol/index.ts';

/**
 * `user:` what all of a user's devices hear; `device:` what one hears; `watch:` what those who watch a user hear;
 * `nodes`: what every relay node hears.
 */
export type Subject = `user:${UserId}` | `device:${DeviceId}` | `watch:${UserId}` | 'nodes';

export type Note =
  /** Messages of one conversation in seq order. `except` is the sending device, which got `accepted` instead. */
  | {
      readonly type: 'messages';
      readonly conversation: ConversationId;
      readonly messages: readonly Envelope[];
      readonly except: DeviceId;
    }
  /** There are messages up to `head`: told in place of messages that were too large, or may not have been heard of. */
  | { readonly type: 'head'; readonly conversation: ConversationId; readonly head: number }
  | { readonly type: 'cursors'; readonly conversation: ConversationId; readonly cursors: readonly Cursor[] }
  | { readonly type: 'conversation'; readonly conversation: Conversation; readonly profiles: readonly Profile[] }
  | {
      readonly type: 'signal';
      readonly conversation: ConversationId;
      readonly user: UserId;
      readonly device: DeviceId;
      readonly payload: Uint8Array;
    }
  | { readonly type: 'presence'; readonly presence: Presence }
  | { readonly type: 'profile'; readonly profile: Profile }
  /**
   * The sessions of these devices were ended, or all of the user's rest since the account was disabled: their sockets
   * close. With `erase` the devices are told to erase what they keep of the account.
   */
  | { readonly type: 'revoked'; readonly devices: readonly DeviceId[] | 'all'; readonly erase: boolean }
  /** The user has a new device. */
  | { readonly type: 'devices' }
  /** The device opened a connection at that time, maybe to another node: those from before close. */
  | { readonly type: 'replaced'; readonly at: number }
  /** On `nodes`: what nodes may remember of this user or conversation is to be asked of the store again. */
  | { readonly type: 'stale'; readonly user?: UserId | undefined; readonly conversation?: ConversationId | undefined };

export interface Bus {
  /** Hands the note to every current subscriber. Never throws and never waits for them. */
  publish(subject: Subject, note: Note): void;
  /** @returns ends the subscription. */
  subscribe(subject: Subject, listener: (note: Note) => void): () => void;
  /**
   * Which of these subjects somebody is subscribed to right now, on any node.
   * @throws ParleyError `unavailable` when other nodes cannot be asked.
   */
  subscribed(subjects: readonly Subject[]): Promise<ReadonlySet<Subject>>;
  /** Whether notes reach other nodes, as far as is known. A bus of one process always does. */
  readonly connected: boolean;
  /** Set for a bus of one process: its notes are never lost, and those about a conversation come in the order of seqs. */
  readonly isLocal?: true;
  /**
   * Calls back when notes may have been lost, those of this node or those of others: at the end of a time without
   * connection, and when another node died. Whoever relies on notes then looks into the store.
   * @param listener its argument: since when, in milliseconds by the clock.
   * @returns ends it.
   */
  onLoss(listener: (since: number) => void): () => void;
  /** Rejects when the bus cannot serve. For `/readyz`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

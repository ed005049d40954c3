/**
 * Tells relay nodes what happened, so that they can tell their sockets. Each adapter passes `runBusContract`.
 *
 * The store is the truth and a note only a hint: a lost note costs latency, never a message, since devices notice
 * holes and fetch them. Notes of one publisher on one subject arrive in the order published.
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

/** `user:` what all of a user's devices hear; `device:` what one hears; `watch:` what those who watch a user hear. */
export type Subject = `user:${UserId}` | `device:${DeviceId}` | `watch:${UserId}`;

export type Note =
  /** Messages of one conversation in seq order. `except` is the sending device, which got `accepted` instead. */
  | {
      readonly type: 'messages';
      readonly conversation: ConversationId;
      readonly messages: readonly Envelope[];
      readonly except: DeviceId;
    }
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
  | { readonly type: 'replaced'; readonly at: number };

export interface Bus {
  /** Hands the note to every current subscriber. Never throws and never waits for them. */
  publish(subject: Subject, note: Note): void;
  /** @returns ends the subscription. */
  subscribe(subject: Subject, listener: (note: Note) => void): () => void;
  /** Which of these subjects somebody is subscribed to right now, on any node. */
  subscribed(subjects: readonly Subject[]): Promise<ReadonlySet<Subject>>;
  /** Rejects when the bus cannot serve. For `/readyz`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

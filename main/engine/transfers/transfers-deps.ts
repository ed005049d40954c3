/** What the transfers are given: the tables, the vault, the ways out, and who the members are. */
import type { MediaRef, MediaSettings, TransferView } from '../../../bridge/media-views.ts';
import type { PersonView } from '../../../bridge/views.ts';
import type { ConversationId, DeviceId, MediaKind, SignalContent, UserId } from '../../../protocol/index.ts';
import type { BlobRef, BlobVault } from '../blobs/blob-vault.ts';
import type { BlobClient } from '../connection/blob-client.ts';
import type { PeerHost } from '../options.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { TransfersTable } from '../storage/transfers-table.ts';

/** What a message, in the log or in the outbox, says of one of its files. */
export interface MediaFile extends BlobRef {
  /** As it is shown: safe. */
  readonly name: string;
  readonly kind: MediaKind;
}

export interface SignalTarget {
  /** That device alone. */
  readonly device?: DeviceId;
  /** To the user's own other devices as well. */
  readonly own?: boolean;
}

export interface TransfersDeps {
  readonly self: UserId;
  readonly device: DeviceId;
  readonly table: TransfersTable;
  readonly vault: BlobVault;
  readonly relay: BlobClient;
  /** Null where the host has no page for WebRTC: then all goes by the relay. */
  readonly peers: PeerHost | null;
  /** Timers of this clock must catch what storing throws (`guardTimers`). */
  readonly clock: Clock;
  /** 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Relay time, as well as this device can tell. */
  readonly now: () => number;
  readonly settings: () => MediaSettings;
  /** Null when there is no such file, or when it is not sealed yet. */
  readonly find: (ref: MediaRef) => MediaFile | null;
  /** All members of a conversation, this user among them. */
  readonly members: (conversation: ConversationId) => UserId[];
  readonly person: (user: UserId) => PersonView | null;
  /** Sends a signal frame if the connection is up. */
  readonly signal: (conversation: ConversationId, content: SignalContent, target?: SignalTarget) => void;
  /** Transfers that are new, moved or ended: for the pages. At most about four times a second, at once on new states. */
  readonly onChanged: (views: TransferView[]) => void;
  /** Storing failed, in work that nobody waits for. */
  readonly onFault: (error: unknown) => void;
}

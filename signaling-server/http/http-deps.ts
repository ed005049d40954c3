/** What the HTTP routes are given. */
import type { Conversation, ConversationId, DeviceId, Profile, UserId } from '../../protocol/index.ts';
import type { Config } from '../config/settings-table.ts';
import type { Log } from '../ports/log.ts';
import type { BlobStorage } from '../ports/blobs.ts';
import type { RelayMetrics } from '../ports/metrics.ts';
import type { Store, StoredDevice } from '../ports/store.ts';
import type { BlobActs } from '../relay/blob-acts.ts';
import type { TransferSlots } from '../relay/transfer-slots.ts';
import type { ClientAddress, NodeBindings } from './client-address.ts';
import type { PasswordHasher } from './passwords.ts';
import type { IceSettings } from './ice.ts';
import type { HttpLimits } from './rate-limits.ts';

/** What routes tell the sockets of. */
export interface HttpActs {
  /** Creates or finds the direct conversation, and tells both people's devices of a new one. */
  openDirect(
    caller: UserId,
    other: UserId,
    lost?: ConversationId,
  ): Promise<{ conversation: Conversation; profiles: Profile[] }>;
  announceProfile(profile: Profile): void;
  /** Closes the sockets of devices whose sessions were ended at once; with `erase` they are told to erase what they keep. */
  announceRevoked(user: UserId, devices: readonly DeviceId[] | 'all', how?: { readonly erase: boolean }): void;
  /** Tells the user's devices that there is one more. */
  announceDevice(user: UserId): void;
}

export interface HttpDeps {
  readonly store: Store;
  readonly acts: HttpActs;
  readonly blobs: BlobActs;
  readonly storage: BlobStorage;
  readonly slots: TransferSlots;
  readonly passwords: PasswordHasher;
  readonly limits: HttpLimits;
  readonly clientAddress: ClientAddress;
  /** Relay time in milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  readonly version: string;
  readonly config: Pick<
    Config,
    | 'name'
    | 'registration'
    | 'directory'
    | 'maxDevicesPerUser'
    | 'metricsToken'
    | 'tlsCert'
    | 'stalledAfterMs'
    | 'mediaDirectUrls'
  > &
    IceSettings;
  /** Resolves when the relay can serve, to what is away that it can do without; rejects with what is wrong. */
  readonly ready: () => Promise<readonly string[]>;
  readonly metrics: Pick<RelayMetrics, 'blobBytesOut' | 'blobRefused'> & {
    readonly contentType: string;
    render(): Promise<string>;
    httpAnswered(status: number): void;
  };
}

/** Who asks: set by `authenticate`. */
export interface Caller {
  readonly device: StoredDevice;
  readonly profile: Profile;
}

export interface HttpEnv {
  Bindings: NodeBindings;
  Variables: { caller: Caller };
}

/** What a workspace is made of, besides what it makes itself. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { GuestContract } from '../../../bridge/host-contract.ts';
import type { FaultView } from '../../../bridge/views.ts';
import type { SessionEnd } from '../connection/connection.ts';
import type { EngineDeps } from '../options.ts';
import type { EventHub } from '../runtime/event-hub.ts';
import type { StorageHealth } from '../storage/health.ts';
import type { AccountRecord } from '../storage/profile-store.ts';
import type { Store } from '../storage/store.ts';

export interface WorkspaceOptions {
  readonly deps: EngineDeps;
  readonly token: string;
  readonly store: Store;
  readonly health: StorageHealth;
  readonly pages: EventHub<EngineContract>;
  readonly guest: EventHub<GuestContract>;
  readonly record: () => AccountRecord;
  readonly updateRecord: (record: AccountRecord) => void;
  readonly notice: (fault: FaultView) => void;
  readonly onSessionEnded: (reason: SessionEnd) => void;
}

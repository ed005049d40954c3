/** What the rig needs of the relay that it tests, be it one process or a fleet of nodes. */
import type { Store } from '../../../signaling-server/ports/store.ts';
import type { SmallDisk } from '../small-disk.ts';

export interface RelayUnderTest {
  /** Where it serves: of a fleet each node, and all of them must say the same. */
  readonly addresses: readonly string[];
  /** Any of them: maybe another one each time. */
  readonly address: string;
  /** For a new connection of a device, in the order in which a balancer would try them. */
  ports(): readonly number[];
  /** One that can run full. */
  readonly disk: SmallDisk | null;
  start(): Promise<void>;
  /** All faults are over and what is down comes back. @returns what had ended by itself, which nothing may. */
  comeBack(): Promise<string[]>;
  /** In good order, and in turn. @returns what was wrong about it. */
  end(): Promise<string[]>;
  /** What it keeps, as its own store reads it. It must have ended. */
  openStore(): Promise<Pick<Store, 'conversations' | 'log' | 'close'>>;
  /** Gives everything back; `keep` leaves in the run's folder what a person needs who looks into a failure. */
  clearAway(keep: boolean): Promise<void>;
}

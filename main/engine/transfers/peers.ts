/** One connection to each device from which or to which something is wanted, made anew while it is. */
import type { ConversationId, DeviceId, UserId } from '../../../protocol/index.ts';
import type { BlobVault } from '../blobs/blob-vault.ts';
import type { BlobClient } from '../connection/blob-client.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { createPeerDevice, type PeerDevice } from './peer-device.ts';
import type { PeerPage } from './peer-page.ts';
import type { PeerSession, SessionHooks } from './peer-session.ts';
import type { TransferTiming } from './timing.ts';
import type { SignalOrigin, TransferSignal } from './transfers.ts';
import type { SignalTarget } from './transfers-deps.ts';

/** Signals by which two devices connect. */
export type PeerSignal = Extract<TransferSignal, { kind: `peer-${string}` }>;

export interface Peers {
  /** Something is wanted from that device: connects, and connects again, while `isWanted`. */
  want(origin: SignalOrigin): void;
  /** That device was told that chunks are here: it may connect for a while. */
  admit(origin: SignalOrigin): void;
  take(origin: SignalOrigin, content: PeerSignal): void;
  session(device: DeviceId): PeerSession | null;
  sessions(): PeerSession[];
  /** Connections that are being made, for the states of transfers. */
  isConnecting(device: DeviceId): boolean;
  /** Direct connections are not allowed any more. */
  closeAll(): void;
  stop(): void;
}

export interface PeersDeps {
  readonly self: DeviceId;
  readonly page: PeerPage;
  readonly vault: BlobVault;
  readonly relay: BlobClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly timing: TransferTiming;
  readonly hooks: SessionHooks;
  readonly signal: (conversation: ConversationId, content: TransferSignal, target: SignalTarget) => void;
  /** Whether direct connections are allowed here at all. */
  readonly isAllowed: () => boolean;
  readonly isUp: () => boolean;
  readonly isWanted: (device: DeviceId) => boolean;
  /** Whether that device may come by itself: its user has yet to get a file from here. */
  readonly isExpected: (origin: SignalOrigin) => boolean;
  readonly onSession: (session: PeerSession) => void;
  /** The session of a device ended, or no connection to it came about. */
  readonly onLost: (device: DeviceId, user: UserId) => void;
  /** The relay says that there are to be no direct connections. */
  readonly onForbidden: () => void;
}

/** Devices that this one deals with at a time. */
const mostDevices = 64;

export function createPeers(deps: PeersDeps): Peers {
  const devices = new Map<DeviceId, PeerDevice>();

  function deviceOf(origin: SignalOrigin): PeerDevice | null {
    const known = devices.get(origin.device);
    if (known) return known;
    if (devices.size >= mostDevices) forgetIdle();
    if (devices.size >= mostDevices) return null;
    const made = createPeerDevice({ ...deps, origin, onGone: () => devices.delete(origin.device) });
    devices.set(origin.device, made);
    return made;
  }

  function forgetIdle(): void {
    for (const [device, peer] of devices) if (peer.isForgotten()) devices.delete(device);
  }

  return {
    want: (origin) => deps.isAllowed() && deviceOf(origin)?.want(),
    admit: (origin) => deps.isAllowed() && deviceOf(origin)?.admit(),
    take(origin, content) {
      if (!deps.isAllowed()) return;
      // Whoever was neither asked nor answered nor expected does not get to know this computer's address.
      if (!devices.has(origin.device) && deps.isExpected(origin)) deviceOf(origin)?.admit();
      devices.get(origin.device)?.take(content);
    },
    session: (device) => devices.get(device)?.session() ?? null,
    sessions: () => [...devices.values()].flatMap((device) => device.session() ?? []),
    isConnecting: (device) => devices.get(device)?.isConnecting() ?? false,
    closeAll() {
      for (const device of [...devices.values()]) device.close();
    },
    stop() {
      for (const device of [...devices.values()]) device.close();
      deps.page.close();
    },
  };
}

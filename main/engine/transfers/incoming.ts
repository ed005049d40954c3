/** A file that is to come here: finds who has it, chooses between devices and relay, and says how it stands. */
import type { FaultView } from '../../../bridge/views.ts';
import type { TransferPath } from '../../../bridge/media-views.ts';
import {
  limits,
  ParleyError,
  type BlobId,
  type ConversationId,
  type DeviceId,
  type UserId,
} from '../../../protocol/index.ts';
import type { BlobRef, BlobVault, ChunkRun } from '../blobs/blob-vault.ts';
import { createBackoff } from '../connection/backoff.ts';
import type { BlobClient } from '../connection/blob-client.ts';
import type { Clock } from '../runtime/clock.ts';
import { createDownload } from './download.ts';
import { createHurriedReads } from './hurried-reads.ts';
import { notConnected, type Motion, type Surroundings } from './motion.ts';
import type { PeerSession } from './peer-session.ts';
import type { Peers } from './peers.ts';
import { createRelayFetch } from './relay-fetch.ts';
import type { Slots } from './slots.ts';
import { createSpeedMeter } from './speed-meter.ts';
import type { TransferTiming } from './timing.ts';
import type { SignalOrigin } from './transfers.ts';

export interface Incoming extends Motion {
  /** A device says that it has chunks. */
  heldBy(origin: SignalOrigin): void;
  /** The relay has the blob now. */
  published(): void;
  sessionOpened(session: PeerSession): void;
  sessionLost(device: DeviceId): void;
  /** A device has nothing (more) of it, or does not bring it. */
  lacking(session: PeerSession): void;
  wantsFrom(device: DeviceId): boolean;
  /** Resolves when these chunks are here. @throws ParleyError `unreachable`. */
  hurry(run: ChunkRun): Promise<void>;
}

export interface IncomingDeps extends Surroundings {
  readonly ref: BlobRef;
  readonly conversation: ConversationId;
  /** Whose file it is, for "waiting for"; null when that is not known. */
  readonly sender: () => UserId | null;
  readonly vault: BlobVault;
  readonly relay: BlobClient;
  /** Null where there is no direct way at all. */
  readonly peers: Peers | null;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timing: TransferTiming;
  /** How far the relay may be used: by the settings. */
  readonly relayUse: () => 'any' | 'small';
  /** Asks all devices of the conversation who has the blob. */
  readonly askAround: (conversation: ConversationId, blob: BlobId) => void;
  readonly onMoved: () => void;
  readonly onChanged: () => void;
  /** The file is here. @param devices those that brought chunks. */
  readonly onWhole: (devices: readonly DeviceId[]) => void;
  readonly onFault: (error: unknown) => void;
}

/** A device to which so many connections failed is left alone until it speaks up again. */
const mostFailures = 3;

export function createIncoming(deps: IncomingDeps): Incoming {
  const { ref, conversation, vault, peers, clock, timing, isUp, isDirectAllowed } = deps;
  const { blob } = ref;
  const isSmall = ref.bytes <= limits.smallFileBytes;
  const speed = createSpeedMeter(clock);
  const storageBackoff = createBackoff(deps.random, timing.fault);
  /** Devices that may have chunks, and how often connecting to them failed since they said so. */
  const holders = new Map<DeviceId, { readonly origin: SignalOrigin; failures: number }>();
  const brought = new Set<DeviceId>();
  let running = false;
  let opening = false;
  let directUntil = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let path: TransferPath | null = null;
  let storageFault: FaultView | null = null;
  let cancelLook = () => {};
  let cancelStorage = () => {};

  const reads = createHurriedReads(clock, timing.hurryMs, (index) => vault.holds(blob, index));
  const download = createDownload({
    ref,
    vault,
    onStored,
    onWhole,
    onBanned: ({ device }) => {
      if (device !== null) leave(device);
      look();
    },
    onFree: () => reconsider(),
    onFault: onStorageFault,
  });
  const relayFetch = createRelayFetch({
    ...deps,
    address: { conversation, blob },
    download,
    mayRun: mayUseRelay,
    isUrgent: () => isSmall || !reads.isEmpty(),
    onChanged: deps.onChanged,
  });

  const isMoving = () => running && storageFault === null && download.isOpen();
  const mayGoDirect = () => peers !== null && isDirectAllowed();
  const session = (device: DeviceId) => peers?.session(device) ?? null;
  const sessions = () => [...holders.keys()].flatMap((device) => session(device) ?? []);
  const peersBring = () => sessions().some(({ asking }) => asking.isMoving(blob));

  function mayUseRelay(): boolean {
    if (!isMoving() || !isUp()) return false;
    if (isSmall || !mayGoDirect()) return isSmall || deps.relayUse() === 'any';
    if (deps.relayUse() === 'small') return false;
    return clock.monotonic() >= directUntil || (!reads.isEmpty() && !peersBring());
  }

  /** Small files come by the relay; only where it does not have one are the devices asked. */
  const wantsDevices = () =>
    isMoving() && mayGoDirect() && (!isSmall || relayFetch.isAbsent() || relayFetch.fault() !== null);

  function onStored(source: { device: DeviceId | null; path: TransferPath }, bytes: number): void {
    speed.add(bytes);
    path = source.path;
    if (source.device !== null) {
      brought.add(source.device);
      directUntil = clock.monotonic() + timing.graceMs;
    }
    storageBackoff.reset();
    reads.look();
    deps.onMoved();
  }

  function onWhole(): void {
    reads.look();
    halt();
    deps.onWhole([...brought]);
  }

  function onStorageFault(error: unknown): void {
    // What was under way when it was stopped may fail: nothing is lost by that.
    if (!running || storageFault) return;
    deps.onFault(error);
    storageFault = faultOf(error);
    letGo();
    cancelStorage = clock.after(storageBackoff.next(), () => {
      storageFault = null;
      reconsider();
    });
    deps.onChanged();
  }

  /** Ends what is under way with all sources. */
  function letGo(): void {
    relayFetch.stop();
    for (const each of peers?.sessions() ?? []) each.asking.forget(blob);
  }

  function leave(device: DeviceId): void {
    holders.delete(device);
    session(device)?.asking.forget(blob);
  }

  function halt(): void {
    running = false;
    cancelLook();
    cancelStorage();
    storageFault = null;
    download.close();
    letGo();
  }

  async function open(): Promise<void> {
    opening = true;
    try {
      const toFetch = await download.open();
      if (!running) return download.close();
      reads.look();
      if (!toFetch) return onWhole();
      directUntil = clock.monotonic() + timing.graceMs;
      meetSessions();
    } catch (error) {
      onStorageFault(error);
    } finally {
      opening = false;
    }
    look();
  }

  /** Devices that are connected already are asked at once; those that have nothing say so. */
  function meetSessions(): void {
    for (const { user, device } of peers?.sessions() ?? [])
      holders.set(device, { origin: { conversation, user, device }, failures: 0 });
  }

  /** Time passed, or a source was lost: devices had their head start, or nobody answered yet. */
  function look(): void {
    cancelLook();
    if (!running) return;
    // Before the relay's part reads the clock: a head start that ends in between is looked at once more.
    const headStart = directUntil - clock.monotonic();
    reconsider();
    deps.onChanged();
    const later = peersBring() ? timing.graceMs : timing.askAgainMs;
    cancelLook = clock.after(headStart > 0 ? headStart + 1 : later, look);
  }

  function reconsider(): void {
    if (!running || opening || storageFault) return;
    if (!download.isOpen()) return void open();
    if (wantsDevices()) reachDevices();
    else if (!mayGoDirect()) for (const device of [...holders.keys()]) leave(device);
    for (const { asking } of sessions()) asking.refill();
    relayFetch.reconsider();
    deps.slots.look();
  }

  function reachDevices(): void {
    for (const [device, { origin }] of holders) {
      const open = session(device);
      if (open && !open.asking.wants(blob) && !download.isBanned(device)) open.asking.want(download);
      if (!open) peers?.want(origin);
    }
    if (peersBring() || !isUp() || clock.monotonic() - askedAt < timing.askAgainMs) return;
    askedAt = clock.monotonic();
    deps.askAround(conversation, blob);
  }

  const isLooking = () => isUp() && wantsDevices() && clock.monotonic() < directUntil;
  const isConnecting = () => [...holders.keys()].some((device) => peers?.isConnecting(device));

  return {
    movement() {
      const active = isMoving() && (relayFetch.isRunning() || peersBring() || isConnecting() || isLooking());
      const sender = deps.sender();
      return {
        active: active || opening,
        done: Math.min(download.heldBytes(), ref.bytes),
        bytesPerSecond: running ? speed.bytesPerSecond() : null,
        path,
        waitingFor: active || !isUp() || sender === null ? [] : [sender],
        fault: storageFault ?? (active ? null : (relayFetch.fault() ?? (isUp() ? null : notConnected))),
      };
    },
    start() {
      if (running) return;
      running = true;
      askedAt = Number.NEGATIVE_INFINITY;
      void open();
    },
    stop() {
      if (!running) return;
      halt();
      reads.fail(stopped());
    },
    reconsider() {
      if (!running) return;
      askedAt = Number.NEGATIVE_INFINITY;
      directUntil = Math.max(directUntil, clock.monotonic() + timing.graceMs);
      if (isUp()) relayFetch.encourage();
      look();
    },
    heldBy(origin) {
      if (!running || !mayGoDirect() || download.isBanned(origin.device)) return;
      holders.set(origin.device, { origin, failures: 0 });
      reconsider();
    },
    published() {
      if (running) relayFetch.encourage();
    },
    sessionOpened({ device }) {
      const holder = holders.get(device);
      if (!holder) return;
      holder.failures = 0;
      reconsider();
    },
    sessionLost(device) {
      const holder = holders.get(device);
      if (!holder) return;
      if (++holder.failures >= mostFailures) holders.delete(device);
      look();
    },
    lacking({ device }) {
      holders.delete(device);
      look();
    },
    wantsFrom: (device) => holders.has(device) && wantsDevices(),
    async hurry(run) {
      download.hurry(run);
      const waiting = reads.wait(run);
      relayFetch.hurry();
      reconsider();
      await waiting;
    },
  };
}

function stopped(): ParleyError {
  return new ParleyError('unreachable', { message: 'This file was paused or cancelled. Go on with it to see it.' });
}

function faultOf(error: unknown): FaultView {
  if (error instanceof ParleyError) return { code: error.code, message: error.message };
  return { code: 'storage_failed', message: 'The file could not be stored on this computer. Parley tries again.' };
}

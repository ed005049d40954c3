/** A file of this device that the others are to get: handed to their devices, or to the relay where those do not come. */
import type { TransferPath } from '../../../bridge/media-views.ts';
import { chunkFormat, limits, type ConversationId, type ParleyError, type UserId } from '../../../protocol/index.ts';
import type { BlobRef, BlobVault } from '../blobs/blob-vault.ts';
import type { BlobClient } from '../connection/blob-client.ts';
import type { Clock } from '../runtime/clock.ts';
import { notConnected, type Motion, type Surroundings } from './motion.ts';
import type { Slots } from './slots.ts';
import { createSpeedMeter } from './speed-meter.ts';
import type { TransferTiming } from './timing.ts';
import { createUpload } from './upload.ts';

export interface Outgoing extends Motion {
  /** A device of that user asked who has it, and was answered. */
  cameFor(user: UserId): void;
  /** A device of that user is connected and takes it; it has so many chunks already. */
  taking(user: UserId, have: number): void;
  served(user: UserId, path: TransferPath, plainBytes: number): void;
  /** The device that took it is gone, or took enough. */
  left(user: UserId): void;
  /** A device of that user has the whole file. */
  delivered(user: UserId): void;
}

export interface OutgoingDeps extends Surroundings {
  readonly ref: BlobRef;
  readonly conversation: ConversationId;
  /** Members that are to get it; without this user, unless there is nobody else. */
  readonly receivers: () => UserId[];
  /** Those whose devices have it, from earlier runs. */
  readonly deliveries: readonly UserId[];
  readonly vault: BlobVault;
  readonly relay: BlobClient;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timing: TransferTiming;
  /** How far the relay may be used: by the settings. */
  readonly relayUse: () => 'any' | 'small';
  readonly onMoved: () => void;
  readonly onChanged: () => void;
  readonly onDelivered: (user: UserId) => void;
  readonly onPublished: () => void;
  /** Everybody has it, or can get it from the relay. */
  readonly onDone: () => void;
  readonly onFailed: (fault: ParleyError) => void;
}

/** How it goes with one receiver. */
interface Receiver {
  /** Until then the direct way counts as open. */
  directUntil: number;
  /** Coming without ever taking a chunk opens it no longer than this; null: nobody came since the last chunk. */
  patienceUntil: number | null;
  servedAt: number;
  bytes: number;
}

export function createOutgoing(deps: OutgoingDeps): Outgoing {
  const { ref, vault, clock, timing, isUp, isDirectAllowed } = deps;
  const isSmall = ref.bytes <= limits.smallFileBytes;
  const speed = createSpeedMeter(clock);
  const delivered = new Set<UserId>(deps.deliveries);
  const receivers = new Map<UserId, Receiver>();
  let running = false;
  let path: TransferPath | null = null;
  let graceUntil = Number.NEGATIVE_INFINITY;
  let cancelLook = () => {};

  const upload = createUpload({
    ...deps,
    address: { conversation: deps.conversation, blob: ref.blob },
    shouldRun,
    isUrgent: () => isSmall,
    onSent(bytes) {
      if (bytes > 0) move('relay', bytes);
    },
    onPublished() {
      deps.onPublished();
      finish();
    },
  });

  const missing = () => deps.receivers().filter((user) => !delivered.has(user));

  function receiverOf(user: UserId): Receiver {
    const known = receivers.get(user);
    if (known) return known;
    const never = Number.NEGATIVE_INFINITY;
    const made: Receiver = { directUntil: never, patienceUntil: null, servedAt: never, bytes: 0 };
    receivers.set(user, made);
    return made;
  }

  function shouldRun(): boolean {
    if (!running || !isUp() || vault.state(ref.blob)?.whole !== true) return false;
    if (isSmall) return true;
    if (deps.relayUse() === 'small') return false;
    if (!isDirectAllowed()) return true;
    const now = clock.monotonic();
    // Once it is on its way to the relay, only a device that really takes chunks makes it needless.
    if (upload.isRunning()) return missing().some((user) => now - receiverOf(user).servedAt >= timing.graceMs);
    return now >= graceUntil && missing().some((user) => now >= receiverOf(user).directUntil);
  }

  function move(by: TransferPath, bytes: number): void {
    path = by;
    speed.add(bytes);
    deps.onMoved();
  }

  /** A device of theirs is about to take chunks. One that connects and never takes any does not hold up the relay. */
  function expectDirect(user: UserId): void {
    const receiver = receiverOf(user);
    const until = clock.monotonic() + timing.connectMs;
    receiver.patienceUntil ??= until;
    receiver.directUntil = Math.max(receiver.directUntil, Math.min(until, receiver.patienceUntil));
    look();
    deps.onChanged();
  }

  /** Looks again when the next head start is over. */
  function look(): void {
    cancelLook();
    if (!running) return;
    // Before the upload reads the clock: a head start that ends in between is looked at once more.
    const now = clock.monotonic();
    upload.reconsider();
    const times = [graceUntil, ...missing().map((user) => receiverOf(user).directUntil)].filter((time) => time > now);
    if (times.length === 0) return;
    cancelLook = clock.after(Math.min(...times) - now + 1, () => {
      look();
      deps.onChanged();
    });
  }

  function halt(): void {
    running = false;
    cancelLook();
    upload.stop();
  }

  function finish(): void {
    if (!running) return;
    halt();
    deps.onDone();
  }

  function deliver(user: UserId): void {
    if (delivered.has(user) || !deps.receivers().includes(user)) return;
    delivered.add(user);
    deps.onDelivered(user);
    if (missing().length === 0) finish();
    else look();
    deps.onChanged();
  }

  const now = () => clock.monotonic();
  const isServing = () => [...receivers.values()].some(({ servedAt }) => now() - servedAt < timing.graceMs);
  /** Somebody is about to come, or may: a relay that said no leaves nothing to wait for in the head start. */
  const isExpecting = () =>
    isUp() &&
    ((now() < graceUntil && upload.fault() === null) ||
      [...receivers.values()].some(({ directUntil }) => now() < directUntil));
  const furthest = () => Math.max(upload.sentBytes(), ...[...receivers.values()].map(({ bytes }) => bytes));

  return {
    movement() {
      const active = running && (upload.isRunning() || isServing() || isExpecting());
      return {
        active,
        done: Math.min(ref.bytes, furthest()),
        bytesPerSecond: running ? speed.bytesPerSecond() : null,
        path,
        waitingFor: active || !isUp() ? [] : missing(),
        fault: upload.fault() ?? (running && !active && !isUp() ? notConnected : null),
      };
    },
    start() {
      if (running) return;
      running = true;
      graceUntil = clock.monotonic() + timing.graceMs;
      const others = deps.receivers();
      if (others.length > 0 && missing().length === 0) return finish();
      look();
    },
    stop: halt,
    reconsider() {
      if (!running) return;
      graceUntil = clock.monotonic() + timing.graceMs;
      for (const receiver of receivers.values()) receiver.patienceUntil = null;
      if (isUp()) upload.encourage();
      look();
    },
    cameFor: expectDirect,
    taking(user, have) {
      const receiver = receiverOf(user);
      receiver.bytes = Math.max(receiver.bytes, Math.min(ref.bytes, have * chunkFormat.plainBytes));
      expectDirect(user);
    },
    served(user, by, bytes) {
      const receiver = receiverOf(user);
      receiver.servedAt = clock.monotonic();
      receiver.patienceUntil = null;
      receiver.directUntil = Math.max(receiver.directUntil, receiver.servedAt + timing.silentMs);
      receiver.bytes = Math.min(ref.bytes, receiver.bytes + bytes);
      if (!running) return;
      move(by, bytes);
      upload.reconsider();
    },
    left(user) {
      const receiver = receiverOf(user);
      receiver.directUntil = Math.min(receiver.directUntil, clock.monotonic() + timing.graceMs);
      look();
    },
    delivered: deliver,
  };
}

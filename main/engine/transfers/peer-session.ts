/** One open connection to another device: asks for chunks and serves them, both at once. */
import type { TransferPath } from '../../../bridge/media-views.ts';
import type { BlobId, DeviceId, UserId } from '../../../protocol/index.ts';
import type { BlobVault } from '../blobs/blob-vault.ts';
import type { Clock } from '../runtime/clock.ts';
import { createAsking, type Asking } from './asking.ts';
import { createFrameWriter } from './frame-writer.ts';
import { decodePeerFrame, encodePeerFrame, type PeerHead, type PeerHeadOf } from './peer-frames.ts';
import { createServing, type Serving } from './serving.ts';
import type { Source } from './source.ts';
import type { TransferTiming } from './timing.ts';

export interface PeerSession {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly source: Source;
  readonly asking: Asking;
  readonly serving: Serving;
  /** Tells the device that the whole file is here. */
  done(blob: BlobId): void;
  receive(frame: Uint8Array): void;
  /** Nothing is asked on either side since so many milliseconds. */
  idleMs(): number;
  stop(): void;
}

/** What the transfers do for a session. */
export interface SessionHooks {
  mayServe(user: UserId, blob: BlobId): boolean;
  onAsked(session: PeerSession, blob: BlobId, have: number): void;
  onServed(session: PeerSession, blob: BlobId, plainBytes: number): void;
  onLeft(session: PeerSession, blob: BlobId): void;
  onDone(session: PeerSession, blob: BlobId): void;
  onLacking(session: PeerSession, blob: BlobId): void;
}

export interface PeerSessionDeps {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly path: TransferPath;
  readonly vault: BlobVault;
  readonly clock: Clock;
  readonly timing: TransferTiming;
  readonly hooks: SessionHooks;
  /** As `PeerConnection.send`. */
  readonly send: (frame: Uint8Array, anyOrder: boolean) => Promise<void>;
  /** The connection is to be closed: the other side is silent or does not keep to the protocol. */
  readonly onBroken: (why: unknown) => void;
}

type Handlers = { readonly [T in PeerHead['type']]: (head: PeerHeadOf<T>, bytes: Uint8Array) => void };

export function createPeerSession(deps: PeerSessionDeps): PeerSession {
  const { user, device, path, vault, clock, timing, hooks, onBroken } = deps;
  let usedAt = clock.monotonic();
  let stopped = false;
  const source: Source = { device, path };

  const say = (head: PeerHead) => writer.say(encodePeerFrame(head));
  const asking = createAsking({
    source,
    clock,
    timing,
    say,
    onLacking: (blob) => hooks.onLacking(session, blob),
    onSilent: () => onBroken(new Error('The other device fell silent.')),
  });
  const serving = createServing({
    vault,
    mayServe: (blob) => hooks.mayServe(user, blob),
    say,
    wake: () => writer.wake(),
    onAsked: (blob, have) => hooks.onAsked(session, blob, have),
    onServed: (blob, bytes) => hooks.onServed(session, blob, bytes),
    onLeft: (blob) => hooks.onLeft(session, blob),
  });
  const writer = createFrameWriter({ send: deps.send, nextBulk: () => serving.nextFrame(), onFailed: onBroken });

  const handlers: Handlers = {
    ask: (head) => serving.ask(head),
    'get-hashes': ({ blob }) => serving.getHashes(blob),
    get: (head) => serving.get(head),
    stop: ({ blob }) => serving.stop(blob),
    done: ({ blob }) => hooks.onDone(session, blob),
    held: (head) => asking.held(head),
    hashes: (head, bytes) => asking.hashes(head, bytes),
    chunk: (head, bytes) => asking.chunk(head, bytes),
    missing: (head) => asking.missing(head),
  };

  function dispatch<T extends PeerHead['type']>(type: T, head: PeerHeadOf<T>, bytes: Uint8Array): void {
    handlers[type](head, bytes);
  }

  const session: PeerSession = {
    user,
    device,
    source,
    asking,
    serving,
    done: (blob) => say({ type: 'done', blob }),
    receive(bytes) {
      if (stopped) return;
      usedAt = clock.monotonic();
      try {
        const frame = decodePeerFrame(bytes);
        if (frame) dispatch(frame.head.type, frame.head as never, frame.bytes);
      } catch (error) {
        onBroken(error);
      }
    },
    idleMs: () => (asking.isEmpty() && !serving.isBusy() ? clock.monotonic() - usedAt : 0),
    stop() {
      if (stopped) return;
      stopped = true;
      writer.stop();
      asking.stop();
    },
  };
  return session;
}

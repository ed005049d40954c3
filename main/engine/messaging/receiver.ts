/** Takes in the relay's frames in order: opens, stores in batches, and only then lets the rest of the engine know. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RelayFrame } from '../../../protocol/index.ts';
import type { Store } from '../storage/store.ts';
import { Batch } from './batch.ts';
import type { FrameHandlers, HandledFrame } from './frame-handlers.ts';
import type { Tracks } from './tracks.ts';

export interface Receiver {
  push(frames: readonly RelayFrame[]): void;
  /** The link is gone: forgets what has not been stored. */
  reset(): void;
  /** Resolves when nothing is being worked on. */
  idle(): Promise<void>;
}

interface ReceiverDeps {
  readonly store: Store;
  readonly tracks: Tracks;
  readonly handlers: FrameHandlers;
  /** Stops and resumes reading from the link. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** A batch could not be stored. The queue is dropped; the relay sends it again. */
  readonly onFault: (error: unknown) => void;
}

/** Small enough that a page's command waits only some milliseconds, large enough to share a commit. */
const batchMessages = 200;
/** A longer payload counts for several messages, so that memory is bounded whatever the relay sends. */
const weighedBytes = 1_024;
const pauseAbove = 4_000;
const resumeBelow = 1_000;

export function createReceiver({ store, tracks, handlers, pause, resume, onFault }: ReceiverDeps): Receiver {
  let queue: HandledFrame[] = [];
  let queued = 0;
  let paused = false;
  let running: Promise<void> | null = null;
  /** Tells a batch in work that its link is gone. */
  let era = 0;

  function takeBatch(): HandledFrame[] {
    const taken: HandledFrame[] = [];
    let weight = 0;
    for (const frame of queue) {
      if (taken.length > 0 && weight + weightOf(frame) > batchMessages) break;
      taken.push(frame);
      weight += weightOf(frame);
    }
    queue.splice(0, taken.length);
    queued -= weight;
    return taken;
  }

  async function work(): Promise<void> {
    while (queue.length > 0) {
      await runBatch(takeBatch());
      if (paused && queued < resumeBelow) {
        paused = false;
        resume();
      }
      await nextTurn();
    }
    running = null;
  }

  async function runBatch(frames: readonly HandledFrame[]): Promise<void> {
    const begun = era;
    try {
      const batch = new Batch();
      for (const frame of frames) {
        await handle(frame, batch);
        if (era !== begun) return tracks.clear();
      }
      batch.store(store, tracks);
      batch.runEffects();
    } catch (error) {
      if (era === begun) onFault(error);
    }
  }

  function handle<T extends HandledFrame['type']>(
    frame: Extract<HandledFrame, { type: T }>,
    batch: Batch,
  ): void | Promise<void> {
    const handler = handlers[frame.type as T] as (
      frame: Extract<HandledFrame, { type: T }>,
      batch: Batch,
    ) => void | Promise<void>;
    return handler(frame, batch);
  }

  return {
    push(frames) {
      for (const frame of frames.flatMap(split)) {
        queue.push(frame);
        queued += weightOf(frame);
      }
      if (!paused && queued > pauseAbove) {
        paused = true;
        pause();
      }
      // What is only for the link leaves nothing to work on, and such work would be over before it is noted as running.
      if (queue.length > 0) running ??= work();
    },
    reset() {
      era++;
      queue = [];
      queued = 0;
      paused = false;
      tracks.clear();
    },
    idle: async () => {
      while (running) await running;
    },
  };
}

function weightOf(frame: HandledFrame): number {
  if (frame.type === 'conversations') return Math.max(1, frame.conversations.length);
  if (frame.type !== 'deliver' && frame.type !== 'fetched') return 1;
  return frame.messages.reduce((sum, { payload }) => sum + Math.max(1, payload.byteLength / weighedBytes), 1);
}

/** Cuts large deliveries into batches; the frames of the link itself are not for us. */
function split(frame: RelayFrame): HandledFrame[] {
  if (frame.type === 'welcome' || frame.type === 'pong' || frame.type === 'goodbye') return [];
  if (frame.type !== 'deliver' || frame.messages.length <= batchMessages) return [frame];
  const parts: HandledFrame[] = [];
  for (let at = 0; at < frame.messages.length; at += batchMessages) {
    parts.push({ ...frame, messages: frame.messages.slice(at, at + batchMessages) });
  }
  return parts;
}

/** The relay as one source of a blob: fetches runs of chunks while it may, and comes back to a relay that does not have it. */
import type { FaultView } from '../../../bridge/views.ts';
import { errorTable, ParleyError } from '../../../protocol/index.ts';
import type { BlobRef } from '../blobs/blob-vault.ts';
import { createBackoff, waitWithinReason } from '../connection/backoff.ts';
import type { BlobAddress, BlobClient } from '../connection/blob-client.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Download } from './download.ts';
import type { Slots } from './slots.ts';
import type { Source } from './source.ts';
import type { TransferTiming } from './timing.ts';

export interface RelayFetch {
  /** Begins if it may, and is not at it or waiting. */
  reconsider(): void;
  /** The relay can be asked now: it has the blob, or is back. */
  encourage(): void;
  /** A chunk is in a hurry that is not about to come: gives back what is under way and goes there. */
  hurry(): void;
  isRunning(): boolean;
  /** Whether the relay said that it does not have it. */
  isAbsent(): boolean;
  fault(): FaultView | null;
  stop(): void;
}

export interface RelayFetchDeps {
  readonly address: BlobAddress;
  readonly ref: BlobRef;
  readonly download: Download;
  readonly relay: BlobClient;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timing: TransferTiming;
  /** Whether the relay may be used now. Looked at between runs. */
  readonly mayRun: () => boolean;
  readonly isUrgent: () => boolean;
  /** It began, ended, or failed. */
  readonly onChanged: () => void;
}

type State =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly source: Source; readonly abort: AbortController; next: number }
  | { readonly state: 'waiting'; readonly fault: ParleyError; readonly cancel: () => void };

/** 16 MiB: long enough that asking costs nothing, short enough that a peer who comes gets its part. */
const chunksPerRun = 64;
/** A hurried chunk that comes within so many chunks is waited for. */
const nearby = 4;

export function createRelayFetch(deps: RelayFetchDeps): RelayFetch {
  const { address, ref, download, relay, slots, clock, timing } = deps;
  const absence = createBackoff(deps.random, timing.absent);
  const trouble = createBackoff(deps.random, timing.fault);
  let current: State = { state: 'idle' };

  const mayRun = () => download.isOpen() && !download.isBanned(null) && deps.mayRun();

  function enter(next: State): void {
    current = next;
    deps.onChanged();
  }

  function reconsider(): void {
    if (current.state === 'idle' && mayRun()) void run();
  }

  async function run(): Promise<void> {
    // One source a run: what a later run is given is not this one's to give back.
    const source: Source = { device: null, path: 'relay' };
    const running: State = { state: 'running', source, abort: new AbortController(), next: 0 };
    enter(running);
    const leave = await slots.take(deps.isUrgent);
    try {
      await fetchAll(running);
      if (current === running) enter({ state: 'idle' });
    } catch (error) {
      if (current === running) fail(error);
    } finally {
      leave();
      download.giveBack(source);
    }
  }

  async function fetchAll(running: Extract<State, { state: 'running' }>): Promise<void> {
    const { source } = running;
    const goesOn = () => current === running && mayRun();
    const { signal } = running.abort;
    if (goesOn() && download.needsHashes())
      await download.takeHashes(source, await relay.hashes(address, download.chunks, signal));
    while (goesOn() && !download.needsHashes()) {
      const chunks = download.next(source, [{ from: 0, to: download.chunks }], chunksPerRun);
      if (!chunks) return;
      running.next = chunks.from;
      const { from, to } = chunks;
      for await (const sealed of relay.chunks({ ...address, plainBytes: ref.bytes, from, to, signal })) {
        await download.take(source, running.next++, sealed);
        trouble.reset();
        absence.reset();
        if (current !== running || download.isBanned(null)) return;
      }
      if (running.next < to) throw cutShort();
    }
  }

  function fail(error: unknown): void {
    const fault = error instanceof ParleyError ? error : unexpected(error);
    const usual = fault.code === 'not_found' ? absence.next() : trouble.next();
    const asked = fault.retryAfterMs === undefined ? 0 : waitWithinReason(fault.retryAfterMs);
    const patience = errorTable[fault.code].retry || fault.code === 'not_found' ? 1 : 4;
    const cancel = clock.after(Math.max(usual * patience, asked), () => {
      current = { state: 'idle' };
      reconsider();
      deps.onChanged();
    });
    enter({ state: 'waiting', fault, cancel });
  }

  function stop(): void {
    const last = current;
    current = { state: 'idle' };
    if (last.state === 'waiting') last.cancel();
    if (last.state === 'running') {
      last.abort.abort();
      download.giveBack(last.source);
    }
  }

  return {
    reconsider,
    encourage() {
      if (current.state !== 'waiting') return reconsider();
      current.cancel();
      current = { state: 'idle' };
      absence.reset();
      trouble.reset();
      reconsider();
    },
    hurry() {
      if (current.state !== 'running') return reconsider();
      const wanted = download.firstHurried();
      if (wanted === null || (wanted >= current.next && wanted < current.next + nearby)) return;
      stop();
      reconsider();
    },
    isRunning: () => current.state === 'running',
    isAbsent: () => current.state === 'waiting' && current.fault.code === 'not_found',
    fault() {
      if (download.isBanned(null)) return wrongContent;
      if (current.state !== 'waiting' || current.fault.code === 'not_found') return null;
      return { code: current.fault.code, message: current.fault.message };
    },
    stop,
  };
}

function cutShort(): ParleyError {
  return new ParleyError('relay_unreachable', { message: 'The relay broke the connection off. Parley tries again.' });
}

function unexpected(cause: unknown): ParleyError {
  return new ParleyError('internal', { message: 'Fetching the file failed. Parley tries again.', cause });
}

const wrongContent: FaultView = {
  code: 'blob_mismatch',
  message:
    'What the relay has is not the file that was sent. Parley gets it from a device that has it once one is online.',
};

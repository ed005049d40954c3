/** Brings one blob to the relay: goes on where the relay stands, as often as it takes, while it is wanted there. */
import type { FaultView } from '../../../bridge/views.ts';
import { errorTable, ParleyError, plainSize, sealedSize } from '../../../protocol/index.ts';
import type { BlobRef, BlobVault } from '../blobs/blob-vault.ts';
import { createBackoff, waitWithinReason } from '../connection/backoff.ts';
import type { BlobAddress, BlobClient } from '../connection/blob-client.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Slots } from './slots.ts';
import type { TransferTiming } from './timing.ts';

export interface Upload {
  /** Begins if it should, ends if it should not. */
  reconsider(): void;
  /** What stood in the way may be over. */
  encourage(): void;
  isRunning(): boolean;
  /** Bytes of the file that are on the relay, or on their way. */
  sentBytes(): number;
  fault(): FaultView | null;
  stop(): void;
}

export interface UploadDeps {
  readonly address: BlobAddress;
  readonly ref: BlobRef;
  readonly vault: BlobVault;
  readonly relay: BlobClient;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timing: TransferTiming;
  readonly shouldRun: () => boolean;
  readonly isUrgent: () => boolean;
  readonly onSent: (plainBytes: number) => void;
  readonly onPublished: () => void;
  /** It can never succeed as it is. */
  readonly onFailed: (fault: ParleyError) => void;
  readonly onChanged: () => void;
}

type State =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly abort: AbortController }
  | { readonly state: 'waiting'; readonly fault: ParleyError; readonly cancel: () => void }
  /** The relay takes no such file: asked again only when things change. */
  | { readonly state: 'refused'; readonly fault: ParleyError };

/** The relay does not know the conversation, or what is here is not the blob any more. */
const final = new Set(['not_found', 'forbidden', 'blob_mismatch', 'file_unreadable', 'bad_request']);

export function createUpload(deps: UploadDeps): Upload {
  const { address, ref, vault, relay, slots, clock } = deps;
  const bytes = sealedSize(ref.bytes);
  const backoff = createBackoff(deps.random, deps.timing.fault);
  let current: State = { state: 'idle' };
  let sent = 0;

  function enter(next: State): void {
    current = next;
    deps.onChanged();
  }

  function reconsider(): void {
    if (current.state === 'idle' && deps.shouldRun()) void run();
    else if (current.state === 'running' && !deps.shouldRun()) stop();
  }

  async function run(): Promise<void> {
    const running: State = { state: 'running', abort: new AbortController() };
    enter(running);
    const leave = await slots.take(deps.isUrgent);
    try {
      const published = await sendAll(running);
      if (current !== running) return;
      current = { state: 'idle' };
      if (published) deps.onPublished();
      deps.onChanged();
    } catch (error) {
      if (current === running) fail(error);
    } finally {
      leave();
    }
  }

  /** @returns whether the relay has the whole blob; false when it was stopped. */
  async function sendAll(running: Extract<State, { state: 'running' }>): Promise<boolean> {
    if (current !== running) return false;
    const { offset, whole } = await relay.begin(address, bytes);
    if (whole) return true;
    if (current !== running) return false;
    note(offset);
    const end = await relay.upload({
      ...address,
      offset,
      bytes,
      body: vault.sealedStream(ref.blob, offset),
      signal: running.abort.signal,
      onProgress(at) {
        if (current === running) note(at);
      },
    });
    if (end < bytes) throw brokenOff();
    return true;
  }

  /** @param offset in the blob. */
  function note(offset: number): void {
    const plain = plainSize(offset) ?? Math.floor((offset / bytes) * ref.bytes);
    const more = plain - sent;
    sent = plain;
    if (more > 0) backoff.reset();
    deps.onSent(Math.max(0, more));
  }

  function fail(error: unknown): void {
    const fault = error instanceof ParleyError ? error : broken(error);
    if (final.has(fault.code)) {
      current = { state: 'refused', fault };
      return deps.onFailed(fault);
    }
    if (fault.code === 'blob_too_large') return enter({ state: 'refused', fault });
    const asked = fault.retryAfterMs === undefined ? 0 : waitWithinReason(fault.retryAfterMs);
    const patience = errorTable[fault.code].retry ? 1 : 4;
    const cancel = clock.after(Math.max(backoff.next() * patience, asked), () => {
      current = { state: 'idle' };
      reconsider();
      deps.onChanged();
    });
    enter({ state: 'waiting', fault, cancel });
  }

  function stop(): void {
    const last = current;
    if (last.state === 'refused') return;
    current = { state: 'idle' };
    if (last.state === 'waiting') last.cancel();
    if (last.state === 'running') last.abort.abort();
  }

  return {
    reconsider,
    encourage() {
      if (current.state === 'waiting') current.cancel();
      if (current.state === 'waiting' || current.state === 'refused') {
        current = { state: 'idle' };
        backoff.reset();
      }
      reconsider();
    },
    isRunning: () => current.state === 'running',
    sentBytes: () => sent,
    fault: () => ('fault' in current ? { code: current.fault.code, message: current.fault.message } : null),
    stop,
  };
}

function brokenOff(): ParleyError {
  return new ParleyError('relay_unreachable', { message: 'The relay broke the upload off. Parley goes on with it.' });
}

function broken(cause: unknown): ParleyError {
  return new ParleyError('internal', { message: 'Sending the file failed. Parley tries again.', cause });
}

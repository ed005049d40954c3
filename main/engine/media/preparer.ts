/** Seals the files of waiting messages into the vault, one after another, and lets each message go once all are sealed. */
import type { MediaRef, TransferView } from '../../../bridge/media-views.ts';
import { ParleyError, type MessageId } from '../../../protocol/index.ts';
import type { BlobRef } from '../blobs/blob-vault.ts';
import type { EngineVault } from '../blobs/create-blob-vault.ts';
import { sealFile } from '../blobs/seal-file.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { createThrottle } from '../runtime/throttle.ts';
import type { OutboxItem } from '../storage/outbox-table.ts';
import type { Store } from '../storage/store.ts';
import { decodeDraft, type MediaDraft } from './draft.ts';
import type { Outgoing } from './outgoing.ts';
import { preparingView, type SealProgress } from './preparing-view.ts';
import { decodeSources } from './sources.ts';

export interface Preparer {
  /** Something may wait to be sealed. */
  look(): void;
  /** Lets go of the message's files, if it works on them: the message was taken back. */
  abandon(message: MessageId): void;
  /** The person stops it: the message stays, and can be sent again. @returns false when it is not being prepared. */
  stop(message: MessageId): boolean;
  /** Null for a file whose message is not being prepared. */
  viewOf(ref: MediaRef): TransferView | null;
  /** Files that are being sealed or wait for it, newest first. */
  list(): TransferView[];
  /** Stops; the next run goes on. */
  close(): Promise<void>;
}

interface PreparerDeps {
  readonly store: Store;
  readonly vault: EngineVault;
  readonly outgoing: Outgoing;
  readonly clock: Clock;
  readonly log: Log;
  readonly onProgress: (views: TransferView[]) => void;
  /** Its state or its files are different now. */
  readonly onChanged: (item: OutboxItem) => void;
  /** Storing failed where nobody waits for it. */
  readonly onFault: (error: unknown) => void;
}

interface Work {
  readonly message: MessageId;
  readonly item: number;
  readonly controller: AbortController;
  readonly begunAt: number;
  done: number;
}

const progressMs = 250;
/** Only when not even a failure can be written down. */
const againMs = 5_000;

export function createPreparer(deps: PreparerDeps): Preparer {
  const { store, vault, outgoing, clock, log, onChanged, onFault } = deps;
  let work: Work | null = null;
  let running: Promise<void> | null = null;
  let closed = false;
  let cancelRetry = () => {};
  const throttle = createThrottle(clock, progressMs, () => {
    const view = work && viewOfWork(work);
    if (view) deps.onProgress([view]);
  });

  function look(): void {
    if (closed) return;
    running ??= run().finally(() => (running = null));
  }

  async function run(): Promise<void> {
    try {
      for (let item = next(); item; item = next()) await prepare(item);
    } catch (error) {
      onFault(error);
      cancelRetry = clock.after(againMs, look);
    }
  }

  const next = () => (closed ? null : store.outbox.nextPreparing());

  async function prepare(item: OutboxItem): Promise<void> {
    const sources = decodeSources(item.sources);
    const index = sources.findIndex((source) => source !== null);
    const path = sources[index];
    if (!path) return fail(item, brokenSources());
    work = { message: item.id, item: index, controller: new AbortController(), begunAt: clock.monotonic(), done: 0 };
    try {
      const ref = await seal(path, work);
      await adopt(item.id, index, ref);
    } catch (error) {
      const isStopped = work.controller.signal.aborted;
      if (!isStopped) fail(item, error);
    } finally {
      work = null;
    }
  }

  function seal(path: string, { controller }: Work): Promise<BlobRef> {
    return sealFile({
      path,
      writer: vault.writer(),
      signal: controller.signal,
      onProgress(bytes) {
        if (work) work.done = bytes;
        throttle.trigger();
      },
    });
  }

  /** The message may have been taken back, or stopped, up to the last moment. */
  async function adopt(id: MessageId, index: number, ref: BlobRef): Promise<void> {
    try {
      await vault.adopt([ref], () => {
        const item = store.outbox.get(id);
        if (item?.state !== 'preparing') throw new Error('The message is not waiting for its files any more.');
        outgoing.fill(item, index, ref);
      });
    } catch (error) {
      await vault.forget(ref.blob);
      if (store.outbox.get(id)?.state !== 'preparing') return;
      throw error;
    }
    const item = store.outbox.get(id);
    if (!item) return;
    if (item.state === 'queued') outgoing.release(item);
    onChanged(item);
  }

  function fail(item: OutboxItem, error: unknown): void {
    const known = error instanceof ParleyError ? error : null;
    if (!known) log.error('media.seal_failed', {}, error);
    const { code, message } = known ?? unexpected();
    store.transact(() => store.outbox.fail(item.id, { code, message }));
    onChanged(item);
  }

  function viewOfWork({ message, item }: Work): TransferView | null {
    const waiting = store.outbox.get(message);
    return waiting ? (viewsOf(waiting)[item] ?? null) : null;
  }

  function viewsOf(item: OutboxItem): TransferView[] {
    const draft: MediaDraft | null = item.state === 'preparing' ? decodeDraft(item.content) : null;
    const { conversation, id: message, typedAt } = item;
    return (draft?.items ?? []).map((file, index) =>
      preparingView({ conversation, message, item: index }, file, progressOf(message, index), typedAt),
    );
  }

  function progressOf(message: MessageId, item: number): SealProgress | null {
    if (work?.message !== message || work.item !== item) return null;
    const ms = clock.monotonic() - work.begunAt;
    return { done: work.done, bytesPerSecond: ms > 0 ? (work.done / ms) * 1_000 : null };
  }

  function abandon(message: MessageId): void {
    if (work?.message === message) work.controller.abort();
  }

  return {
    look,
    abandon,
    stop(message) {
      const item = store.outbox.get(message);
      if (item?.state !== 'preparing') return false;
      store.transact(() => store.outbox.fail(message, stopped));
      abandon(message);
      onChanged(item);
      return true;
    },
    viewOf({ conversation, message, item }) {
      const waiting = store.outbox.get(message);
      return waiting?.conversation === conversation ? (viewsOf(waiting)[item] ?? null) : null;
    },
    list: () => store.outbox.preparing().reverse().flatMap(viewsOf),
    async close() {
      closed = true;
      cancelRetry();
      throttle.cancel();
      work?.controller.abort();
      await running;
    },
  };
}

/** Not one of the protocol's codes, which says that sending again may help. */
const stopped = { code: 'stopped', message: 'You stopped sending this. Send it again whenever you like.' };

function unexpected(): ParleyError {
  return new ParleyError('internal', { message: 'Something went wrong while the file was prepared. Send it again.' });
}

function brokenSources(): ParleyError {
  return new ParleyError('internal', {
    message: 'Parley lost track of a file of this message. Choose the files again.',
  });
}

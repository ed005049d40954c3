/** Bytes that a page made and that are to be sent: sealed as they come, part of a message or gone in the end. */
import { randomUUID } from 'node:crypto';
import { ParleyError } from '../../../protocol/index.ts';
import type { BlobRef } from '../blobs/blob-vault.ts';
import type { BlobWriter } from '../blobs/blob-writer.ts';
import type { EngineVault } from '../blobs/create-blob-vault.ts';
import { createTurns } from '../runtime/turns.ts';
import { storageErrorFrom } from '../storage/faults.ts';

export interface Stages {
  /** Adds bytes to a stage, or begins one. @returns its name. @throws ParleyError `bad_request`, `storage_failed`. */
  put(stage: string | undefined, bytes: Uint8Array): Promise<string>;
  /**
   * Seals what is left, for a message: from now on nobody else takes the stage away, not even closing, for its blob may
   * be on its way into the message already. Done twice it is no fault.
   */
  claim(stage: string): Promise<BlobRef>;
  /** There will be no such message; the stage is as it was. One that was not claimed is no fault. */
  giveBack(stage: string): void;
  /** Its blob belongs to the message now. */
  settle(stage: string): void;
  /** Takes stages away; one that is not there is no fault. */
  drop(stages: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

type Stage =
  { readonly state: 'open'; readonly writer: BlobWriter } | { readonly state: 'finished'; readonly ref: BlobRef };

export function createStages(vault: EngineVault): Stages {
  const stages = new Map<string, Stage>();
  const claimed = new Map<string, BlobRef>();
  const turns = createTurns<string>();

  function find(name: string): Stage {
    const stage = stages.get(name);
    if (!stage) throw unknownStage();
    return stage;
  }

  async function add(name: string, bytes: Uint8Array): Promise<void> {
    const stage = find(name);
    if (stage.state === 'finished') throw unknownStage();
    await orDrop(name, stage.writer.write(bytes));
  }

  async function seal(name: string): Promise<BlobRef> {
    const stage = find(name);
    if (stage.state === 'finished') return stage.ref;
    const ref = await orDrop(name, stage.writer.finish());
    stages.set(name, { state: 'finished', ref });
    return ref;
  }

  async function claim(name: string): Promise<BlobRef> {
    const known = claimed.get(name);
    if (known) return known;
    const ref = await seal(name);
    stages.delete(name);
    claimed.set(name, ref);
    return ref;
  }

  /** A stage that was not written whole is of no use. */
  async function orDrop<T>(name: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      await take(name).catch(() => {});
      throw storageErrorFrom(error);
    }
  }

  async function take(name: string): Promise<void> {
    const stage = stages.get(name);
    stages.delete(name);
    if (stage?.state === 'open') await stage.writer.abort();
    if (stage?.state === 'finished') await vault.forget(stage.ref.blob);
  }

  return {
    async put(known, bytes) {
      const name = known ?? randomUUID();
      if (known === undefined) stages.set(name, { state: 'open', writer: vault.writer() });
      await turns.run(name, () => add(name, bytes));
      return name;
    },
    claim: (name) => turns.run(name, () => claim(name)),
    giveBack(name) {
      const ref = claimed.get(name);
      if (ref && claimed.delete(name)) stages.set(name, { state: 'finished', ref });
    },
    settle: (name) => void claimed.delete(name),
    async drop(names) {
      for (const name of names) await turns.run(name, () => take(name));
    },
    async close() {
      for (const name of [...stages.keys()]) await turns.run(name, () => take(name)).catch(() => {});
    },
  };
}

function unknownStage(): ParleyError {
  return new ParleyError('bad_request', { message: 'Parley does not have this file any more. Add it again.' });
}

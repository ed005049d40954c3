/** Half uploads in an object store: how far they are, more bytes of them, and the step to a blob that can be read. */
import { createHash, randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { chunkFormat, ParleyError, type BlobId } from '../../../protocol/index.ts';
import type { UploadKey } from '../../ports/blobs.ts';
import { mismatch, wrongOffset } from '../disk/upload-refusals.ts';
import { pour } from '../disk/pour.ts';
import { blobKeys, dataName, dataNamesOf, parseDataKey, parseDataName, parseUploadKey } from './blob-keys.ts';
import type { BlobRecords } from './blob-records.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { PartWriter } from './part-writer.ts';
import { S3Refusal } from './s3-errors.ts';
import type { S3Objects } from './s3-objects.ts';
import { decodeUploadState, encodeUploadState, offsetOf, type UploadState } from './upload-state.ts';
import type { Usage } from './usage.ts';

export interface S3UploadDeps {
  readonly objects: S3Objects;
  readonly records: BlobRecords;
  readonly memory: MemoryBudget;
  readonly usage: Usage;
}

export function createS3Uploads({ objects, records, memory, usage }: S3UploadDeps) {
  async function load(upload: UploadKey): Promise<UploadState | null> {
    const bytes = await objects.get(blobKeys.upload(upload));
    return bytes && decodeUploadState(bytes);
  }

  async function append(upload: UploadKey, from: number, source: Readable): Promise<number> {
    const before = await load(upload);
    const present = offsetOf(before, upload);
    if (present !== from) throw wrongOffset(present);
    if (from === upload.bytes) return from;
    const newName = (): string => dataName(upload, randomBytes(8).toString('hex'));
    const state = before ?? freshState(newName());
    const writer = new PartWriter({
      upload,
      state,
      objects,
      memory,
      takeRoom: usage.take,
      newName,
      save: (next) => objects.put(blobKeys.upload(upload), { bytes: encodeUploadState(next) }),
    });
    let reached = from;
    try {
      await writer.begin();
      const fault = await faultOf(pour(source, writer));
      reached = offsetOf(await writer.finish(), upload);
      if (fault !== null) throw fault;
      return reached;
    } finally {
      usage.give(writer.taken - (reached - from));
    }
  }

  async function publish(upload: UploadKey): Promise<void> {
    const state = await load(upload);
    if (state === null || offsetOf(state, upload) !== upload.bytes || blobIdOf(state.hashes) !== upload.blob) {
      await abandon(upload);
      throw mismatch();
    }
    if ((await records.find(upload.blob)) !== null) return;
    await assemble(upload, state).catch(async (error: unknown) => {
      if (error instanceof ParleyError) await abandon(upload);
      throw error;
    });
    await records.put(upload.blob, { name: state.data, bytes: upload.bytes, hashes: state.hashes });
  }

  async function assemble({ blob, bytes }: UploadKey, { assembly, parts, data }: UploadState): Promise<void> {
    const key = blobKeys.data(blob, data);
    if (assembly === null || (await finish(key, assembly, parts))) return;
    // Done before, by this node or another one, whose answer nobody heard.
    const there = await objects.head(key);
    if (there?.bytes !== bytes) throw new Error(`the object store lost an upload (${key})`);
  }

  /** @throws ParleyError `blob_mismatch` when another connection of the user's sent other parts in between. */
  async function finish(key: string, assembly: string, parts: UploadState['parts']): Promise<boolean> {
    return objects.finishAssembly(key, assembly, parts).catch((error: unknown) => {
      throw error instanceof S3Refusal && wrongParts.has(error.code) ? mismatch() : error;
    });
  }

  /** The state goes last: as long as it is there, what it names is found. */
  async function abandon(upload: UploadKey): Promise<void> {
    const state = await load(upload);
    const record = await records.find(upload.blob);
    if (state !== null && record?.name !== state.data) await removeState(upload, state, record !== null);
    // In the usual end, after `publish`, there is nothing else.
    if (state === null || record === null) await removeLeftovers(upload, record?.name ?? null);
    if (state !== null) await objects.remove(blobKeys.upload(upload));
    if (state !== null && record?.name !== state.data) usage.give(offsetOf(state, upload));
  }

  /** @param wasRead whether somebody may read these bytes still, as when two people published one blob at one time. */
  async function removeState({ blob }: UploadKey, { assembly, data }: UploadState, wasRead: boolean): Promise<void> {
    if (assembly !== null) await objects.dropAssembly(blobKeys.data(blob, data), assembly);
    if (wasRead) await records.retire(blob, data);
    else await objects.remove(blobKeys.data(blob, data));
  }

  /** Of attempts that ended before they could be noted. */
  async function removeLeftovers(upload: UploadKey, kept: string | null): Promise<void> {
    const prefix = blobKeys.data(upload.blob, dataNamesOf(upload));
    for await (const { key, id } of objects.assemblies(prefix)) await objects.dropAssembly(key, id);
    const retired = await records.retiredOf(upload.blob);
    for await (const { key } of objects.list(prefix)) {
      const name = parseDataKey(key)?.name;
      if (name !== undefined && name !== kept && !retired.has(name)) await objects.remove(key);
    }
  }

  async function offset(upload: UploadKey): Promise<number> {
    return offsetOf(await load(upload), upload);
  }

  return {
    offset,
    append,
    publish,
    abandon,
    async stale(before: number): Promise<UploadKey[]> {
      const stale: UploadKey[] = [];
      const known = new Set<string>();
      for await (const { key, changedAt } of objects.list(blobKeys.allUploads)) {
        known.add(key);
        const upload = parseUploadKey(key);
        if (upload !== null && changedAt < before) stale.push(upload);
      }
      for await (const { key, begunAt } of objects.assemblies(blobKeys.allBlobs)) {
        const data = begunAt < before ? parseDataKey(key) : null;
        const upload = data && parseDataName(data.blob, data.name);
        // Begun, and its node died before it was noted.
        if (upload && !known.has(blobKeys.upload(upload))) stale.push(upload);
      }
      return stale;
    },
    /** Every upload of which there is anything, and how far it is. */
    async *all(): AsyncIterable<{ upload: UploadKey; state: UploadState; offset: number }> {
      for await (const { key } of objects.list(blobKeys.allUploads)) {
        const upload = parseUploadKey(key);
        const state = upload && (await load(upload));
        if (state) yield { upload, state, offset: offsetOf(state, upload) };
      }
    },
  };
}

/** What a store calls parts that are not those it was told of. */
const wrongParts = new Set(['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall']);

export type S3Uploads = ReturnType<typeof createS3Uploads>;

function freshState(data: string): UploadState {
  return { data, assembly: null, parts: [], storedBytes: 0, hashes: Buffer.alloc(0), tail: Buffer.alloc(0) };
}

function blobIdOf(hashes: Uint8Array): BlobId {
  return createHash('sha256').update(chunkFormat.blobIdPrefix).update(hashes).digest('hex') as BlobId;
}

async function faultOf(work: Promise<void>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

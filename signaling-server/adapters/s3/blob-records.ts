/** Which object has a blob's bytes: written when they were found to be the blob's, and what is done when they are to go. */
import type { BlobId } from '../../../protocol/index.ts';
import { blobKeys, parseDataKey, parseDataName, recordName } from './blob-keys.ts';
import type { S3Objects } from './s3-objects.ts';
import { decodeUploadState } from './upload-state.ts';

export interface BlobRecord {
  /** Name of the object with the bytes, in the blob's folder. */
  readonly name: string;
  readonly bytes: number;
}

export interface BlobRecords {
  find(blob: BlobId): Promise<BlobRecord | null>;
  put(blob: BlobId, record: BlobRecord & { readonly hashes: Buffer }): Promise<void>;
  hashes(blob: BlobId): Promise<Buffer | null>;
  /** From now on the blob cannot be opened. Its bytes go later. @returns how many; 0 where there is no such blob. */
  remove(blob: BlobId): Promise<number>;
  /** Undoes `remove` as long as the bytes are there. */
  restore(blob: BlobId): Promise<void>;
  /** These bytes go once whoever reads them has had the time to. */
  retire(blob: BlobId, name: string): Promise<void>;
  retiredOf(blob: BlobId): Promise<ReadonlySet<string>>;
  /** Takes away the bytes that were retired before. */
  sweep(before: number): Promise<void>;
}

export function createBlobRecords(objects: S3Objects): BlobRecords {
  async function find(blob: BlobId): Promise<BlobRecord | null> {
    const head = await objects.head(blobKeys.record(blob));
    if (head === null) return null;
    const [name, bytes] = [head.metadata('data'), Number(head.metadata('bytes'))];
    if (name === undefined || !Number.isSafeInteger(bytes)) {
      throw new Error(`the object ${blobKeys.record(blob)} lacks what Parley noted with it`);
    }
    return { name, bytes };
  }

  /** @param hashes of a blob that was readable, so that it can become so again. */
  async function retire(blob: BlobId, name: string, hashes?: Buffer): Promise<void> {
    await objects.put(blobKeys.removed(blob, name), { bytes: hashes ?? Buffer.alloc(0) });
  }

  async function put(blob: BlobId, { name, bytes, hashes }: BlobRecord & { readonly hashes: Buffer }): Promise<void> {
    await objects.put(blobKeys.record(blob), { bytes: hashes }, { data: name, bytes: String(bytes) });
  }

  /** Whether an upload under way still counts on these bytes. */
  async function isBeingSent(blob: BlobId, name: string): Promise<boolean> {
    const upload = parseDataName(blob, name);
    const state = upload && (await objects.get(blobKeys.upload(upload)));
    return state !== null && decodeUploadState(state).data === name;
  }

  return {
    find,
    put,
    retire: (blob, name) => retire(blob, name),

    hashes: (blob) => objects.get(blobKeys.record(blob)),

    /** Retired first, so that a node that dies in between leaves a blob that can still be read, or nothing for ever. */
    async remove(blob) {
      const record = await find(blob);
      const hashes = record && (await objects.get(blobKeys.record(blob)));
      if (record === null || hashes === null) return 0;
      for await (const { key } of objects.list(blobKeys.folder(blob))) {
        const name = parseDataKey(key)?.name;
        if (name === undefined || name === recordName) continue;
        if (name === record.name) await retire(blob, name, hashes);
        else if (!(await isBeingSent(blob, name))) await retire(blob, name);
      }
      await objects.remove(blobKeys.record(blob));
      return record.bytes;
    },

    async restore(blob) {
      if ((await find(blob)) !== null) return;
      for await (const { key, bytes } of objects.list(blobKeys.removed(blob, ''))) {
        const name = parseDataKey(key)?.name ?? '';
        const data = bytes > 0 ? await objects.head(blobKeys.data(blob, name)) : null;
        const hashes = data && (await objects.get(key));
        if (data && hashes) return put(blob, { name, bytes: data.bytes, hashes });
      }
    },

    async retiredOf(blob) {
      const names = new Set<string>();
      for await (const { key } of objects.list(blobKeys.removed(blob, ''))) names.add(parseDataKey(key)?.name ?? '');
      return names;
    },

    async sweep(before) {
      for await (const { key, changedAt } of objects.list(blobKeys.allRemoved)) {
        const retired = changedAt < before ? parseDataKey(key) : null;
        if (retired === null) continue;
        const { blob, name } = retired;
        // Published again since, or never taken down: the node died before.
        if ((await find(blob))?.name !== name) await objects.remove(blobKeys.data(blob, name));
        await objects.remove(key);
      }
    },
  };
}

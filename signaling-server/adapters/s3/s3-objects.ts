/** Objects of one bucket: put, read, list, remove, and put together from parts. */
import type { IncomingMessage } from 'node:http';
import { nullIfMissing, S3Refusal } from './s3-errors.ts';
import type { S3Client } from './s3-client.ts';
import { blocksOf, escapeText, tagOf } from './s3-xml.ts';

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly changedAt: number;
}

/** An object that is being put together from parts, and cannot be read before it is whole. */
export interface ListedAssembly {
  readonly key: string;
  readonly id: string;
  readonly begunAt: number;
}

export interface StoredPart {
  readonly number: number;
  readonly etag: string;
}

interface Body {
  readonly bytes: Uint8Array;
  /** SHA-256 in hex, where it is known. The store refuses bytes that are not of it. */
  readonly hash?: string | undefined;
}

export interface S3Objects {
  put(key: string, body: Body, metadata?: Readonly<Record<string, string>>): Promise<void>;
  /** All of a small object; null when there is none. */
  get(key: string): Promise<Buffer | null>;
  /** Bytes `from` up to `to`, both included. @throws S3Refusal also for one that is not there. */
  stream(key: string, range: { readonly from: number; readonly to: number }): Promise<IncomingMessage>;
  /** Size and metadata; null when there is none. */
  head(key: string): Promise<{ bytes: number; metadata: (name: string) => string | undefined } | null>;
  /** One that is not there is no fault. */
  remove(key: string): Promise<void>;
  list(prefix: string): AsyncIterable<ListedObject>;
  beginAssembly(key: string): Promise<string>;
  putPart(key: string, id: string, number: number, body: Body): Promise<StoredPart>;
  /** @returns false when there is no such assembly (any more). */
  finishAssembly(key: string, id: string, parts: readonly StoredPart[]): Promise<boolean>;
  /** One that is not there is no fault. */
  dropAssembly(key: string, id: string): Promise<void>;
  assemblies(prefix: string): AsyncIterable<ListedAssembly>;
  /** Rejects when the bucket cannot be used. */
  ping(): Promise<void>;
  presign(key: string, lifeSeconds: number): Promise<string>;
}

const metadataPrefix = 'x-amz-meta-parley-';
/** Putting thousands of parts together takes a store its time. */
const assemblySilenceMs = 120_000;

export function createS3Objects(client: S3Client): S3Objects {
  const { prefix: root } = client.place;

  async function* pages(
    query: Readonly<Record<string, string>>,
    next: (page: string) => Record<string, string> | null,
  ) {
    for (let more: Record<string, string> | null = {}; more !== null;) {
      const { body } = await client.ask({ method: 'GET', key: '', query: { ...query, ...more } });
      const page = body.toString('utf8');
      yield page;
      more = tagOf(page, 'IsTruncated') === 'true' ? next(page) : null;
    }
  }

  const within = (key: string): string => key.slice(root.length);

  return {
    async put(key, { bytes, hash }, metadata = {}) {
      const headers = Object.fromEntries(
        Object.entries(metadata).map(([name, value]) => [metadataPrefix + name, value] as const),
      );
      await client.ask({
        method: 'PUT',
        key,
        headers: { 'content-type': 'application/octet-stream', ...headers },
        body: bytes,
        ...(hash === undefined ? {} : { bodyHash: hash }),
      });
    },

    async get(key) {
      return client.ask({ method: 'GET', key }).then(({ body }) => body, nullIfMissing);
    },

    stream: (key, { from, to }) => client.open({ method: 'GET', key, headers: { range: `bytes=${from}-${to}` } }),

    async head(key) {
      const answer = await client.ask({ method: 'HEAD', key }).catch(nullIfMissing);
      if (answer === null) return null;
      const { headers } = answer;
      return {
        bytes: Number(headers['content-length']),
        metadata: (name) => headers[metadataPrefix + name]?.toString(),
      };
    },

    async remove(key) {
      await client.ask({ method: 'DELETE', key }).catch(nullIfMissing);
    },

    async *list(prefix) {
      const after = (page: string) => tokenOf(page, 'NextContinuationToken', 'continuation-token');
      for await (const page of pages({ 'list-type': '2', prefix: root + prefix }, after)) {
        for (const entry of blocksOf(page, 'Contents')) {
          const [key, size, changed] = ['Key', 'Size', 'LastModified'].map((name) => tagOf(entry, name) ?? '');
          yield { key: within(key ?? ''), bytes: Number(size), changedAt: Date.parse(changed ?? '') };
        }
      }
    },

    async beginAssembly(key) {
      const { body } = await client.ask({
        method: 'POST',
        key,
        query: { uploads: '' },
        headers: { 'content-type': 'application/octet-stream' },
      });
      const id = tagOf(body.toString('utf8'), 'UploadId');
      if (id === null) throw new Error('the object store began no upload of parts');
      return id;
    },

    async putPart(key, uploadId, number, { bytes, hash }) {
      const { headers } = await client.ask({
        method: 'PUT',
        key,
        query: { partNumber: String(number), uploadId },
        body: bytes,
        ...(hash === undefined ? {} : { bodyHash: hash }),
      });
      const { etag } = headers;
      if (etag === undefined) throw new Error('the object store did not name the part it took');
      return { number, etag };
    },

    async finishAssembly(key, uploadId, parts) {
      const list = parts.map(({ number, etag }) => partElement(number, etag)).join('');
      const body = Buffer.from(`<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`);
      const headers = { 'content-type': 'application/xml' };
      try {
        const ask = { method: 'POST', key, query: { uploadId }, headers, body, silenceMs: assemblySilenceMs } as const;
        const answer = (await client.ask(ask)).body.toString('utf8');
        // A store that works on it for long has said 200 before it knew.
        if (tagOf(answer, 'Code') !== null) throw new S3Refusal(500, answer);
        return true;
      } catch (error) {
        if (error instanceof S3Refusal && error.code === 'NoSuchUpload') return false;
        throw error;
      }
    },

    async dropAssembly(key, uploadId) {
      await client.ask({ method: 'DELETE', key, query: { uploadId } }).catch(nullIfMissing);
    },

    async *assemblies(prefix) {
      const after = (page: string) => {
        const key = tagOf(page, 'NextKeyMarker');
        return key === null ? null : { 'key-marker': key, 'upload-id-marker': tagOf(page, 'NextUploadIdMarker') ?? '' };
      };
      for await (const page of pages({ uploads: '', prefix: root + prefix }, after)) {
        for (const entry of blocksOf(page, 'Upload')) {
          const [key, id, begun] = ['Key', 'UploadId', 'Initiated'].map((name) => tagOf(entry, name) ?? '');
          yield { key: within(key ?? ''), id: id ?? '', begunAt: Date.parse(begun ?? '') };
        }
      }
    },

    async ping() {
      await client.ask({ method: 'GET', key: '', query: { 'list-type': '2', 'max-keys': '1', prefix: root } });
    },

    presign: client.presign,
  };
}

function partElement(number: number, etag: string): string {
  return `<Part><PartNumber>${number}</PartNumber><ETag>${escapeText(etag)}</ETag></Part>`;
}

function tokenOf(page: string, element: string, parameter: string): Record<string, string> | null {
  const token = tagOf(page, element);
  return token === null || token === '' ? null : { [parameter]: token };
}

/** Checks an object store by what the relay does with it: write, read, read a part, remove. */
import { randomUUID } from 'node:crypto';
import { ParleyError } from '../../../protocol/index.ts';
import { createS3Client, type S3Patience } from '../../adapters/s3/s3-client.ts';
import { settingsFault } from '../../adapters/s3/s3-errors.ts';
import { createS3Objects, type S3Objects } from '../../adapters/s3/s3-objects.ts';
import { parseS3Url } from '../../adapters/s3/s3-place.ts';
import { describeEngineUrl } from '../../config/engine-url.ts';
import type { Config } from '../../config/settings-table.ts';
import { fail, ok, type Finding } from './finding.ts';

type ObjectStoreConfig = Pick<Config, 's3AccessKey' | 's3SecretKey' | 's3SessionToken'>;

/** Somebody waits for the answer. */
const patience: S3Patience = { silenceMs: 5_000, attempts: 2, firstWaitMs: 200, allMs: 6_000 };

/** What lies in the store, by the setting that names it. */
const uses = {
  blobs: { name: 'object store', advice: 'Until then files wait on people’s devices; messages do not.' },
  cold: {
    name: 'cold store',
    advice: 'Until then messages that were moved there can’t be read, and no more are moved.',
  },
} as const;
type Use = (typeof uses)[keyof typeof uses] & { readonly flag: string };

/** @param setting the one that `url` is the value of. */
export async function checkObjectStore(
  url: string,
  config: ObjectStoreConfig,
  setting: keyof typeof uses,
): Promise<Finding> {
  const use: Use = { ...uses[setting], flag: `--${setting}` };
  const title = describeEngineUrl(url);
  try {
    const place = parseS3Url(url);
    const { s3AccessKey, s3SecretKey, s3SessionToken: sessionToken } = config;
    const keys = { accessKey: s3AccessKey ?? '', secretKey: s3SecretKey ?? '', sessionToken };
    const client = createS3Client({ place, keys, clock: Date.now, patience });
    try {
      return await probe(createS3Objects(client), title, use);
    } catch (error) {
      throw settingsFault(error, place) ?? error;
    } finally {
      client.close();
    }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    const advice =
      error instanceof ParleyError
        ? use.advice
        : `Check the endpoint in ${use.flag}, and that the store runs and can be reached from here.`;
    return fail(use.name, `${title}: ${found}`, advice);
  }
}

/** In the order in which a file lives. What fails says which right is missing. */
async function probe(objects: S3Objects, title: string, use: Use): Promise<Finding> {
  const key = `doctor/${randomUUID()}`;
  const bytes = Buffer.from('parley doctor');
  const step = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Error) error.message = `${what}: ${error.message}`;
      throw error;
    }
  };
  const began = performance.now();
  await step('looking into the bucket', () => objects.ping());
  await step('writing', () => objects.put(key, { bytes }));
  const ms = performance.now() - began;
  try {
    const read = await step('reading', () => objects.get(key));
    if (!read?.equals(bytes)) return differs(use, title, 'what was written is not what is read at once');
    const part = await step('reading a part', () => readPart(objects, key));
    if (part !== 'doctor') return differs(use, title, 'a part of an object is not what was asked for');
  } finally {
    await step('removing', () => objects.remove(key));
  }
  if ((await objects.get(key)) !== null) return differs(use, title, 'what was removed can still be read');
  return ok(use.name, `${title}: writes, reads, reads parts and removes (${ms.toFixed(0)} ms to write)`);
}

function differs({ name, flag }: Use, title: string, what: string): Finding {
  const advice = `The store must show at once what was written (Amazon, MinIO and Ceph do); name another one in ${flag}.`;
  return fail(name, `${title}: ${what}`, advice);
}

async function readPart(objects: S3Objects, key: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await objects.stream(key, { from: 7, to: 12 })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Copies the bytes of all files that conversations hold to where the relay will look for them. */
import { Transform } from 'node:stream';
import type { BlobId, UserId } from '../../../protocol/index.ts';
import { blobFromBytes } from '../../adapters/sqlite/blob-rows.ts';
import type { Config } from '../../config/settings-table.ts';
import { openBlobs } from '../../engines/open-blobs.ts';
import { describeBytes } from '../../observe/disk-space.ts';
import { createPinoLog } from '../../observe/pino-log.ts';
import { silentMetrics } from '../../observe/silent-metrics.ts';
import type { BlobStorage } from '../../ports/blobs.ts';
import { ok, warn, type Finding } from '../doctor/finding.ts';
import type { Tell } from './copy-parts.ts';
import { isDatabaseUrl } from './open-sides.ts';
import type { Row } from './parts.ts';
import type { Source } from './sides.ts';

interface Tally {
  count: number;
  bytes: number;
  /** Copied by an earlier run. */
  there: number;
  missing: number;
}

/**
 * Between the folder of the side that is one and the object store of the settings, in the direction of the migration.
 * A file that is there in its size is not sent again, and a half one goes on where it was.
 */
export async function copyBlobs(
  config: Config,
  { from, to }: { readonly from: string; readonly to: string },
  source: Source,
  tell: Tell,
): Promise<Finding> {
  const shared = await open(config, config.data);
  const folder = await open({ ...config, blobs: null }, isDatabaseUrl(from) ? to : from);
  try {
    const [read, write] = isDatabaseUrl(from) ? [shared, folder] : [folder, shared];
    return describe(await copyAll(source, read, write, tell));
  } finally {
    await Promise.all([shared.close(), folder.close()]);
  }
}

function open(config: Config, data: string): Promise<BlobStorage> {
  const log = createPinoLog({ level: 'warn', format: 'pretty' });
  return openBlobs({ config: { ...config, data }, clock: Date.now, log, metrics: silentMetrics });
}

const tellEveryMs = 10_000;

async function copyAll(source: Source, from: BlobStorage, to: BlobStorage, tell: Tell): Promise<Tally> {
  const tally: Tally = { count: 0, bytes: 0, there: 0, missing: 0 };
  let told = performance.now();
  for (let page = await source.page('holds', null); page; page = await source.page('holds', page.position)) {
    for (const hold of page.rows) {
      await copyOne(hold, from, to, tally);
      if (performance.now() - told < tellEveryMs) continue;
      told = performance.now();
      tell(`files: ${tally.count} so far, ${describeBytes(tally.bytes)}`);
    }
  }
  return tally;
}

async function copyOne(hold: Row<'holds'>, from: BlobStorage, to: BlobStorage, tally: Tally): Promise<void> {
  const blob = blobFromBytes(Buffer.from(hold.blob));
  if ((await to.size(blob)) === hold.bytes) {
    tally.there += 1;
    return;
  }
  if ((await from.size(blob)) !== hold.bytes) {
    tally.missing += 1;
    return;
  }
  await send(blob, hold, from, to);
  tally.count += 1;
  tally.bytes += hold.bytes;
}

/** The storage finds out by the id whether the bytes are the right ones. */
async function send(blob: BlobId, { user, bytes }: Row<'holds'>, from: BlobStorage, to: BlobStorage): Promise<void> {
  const upload = { user: user as UserId, blob, bytes };
  const offset = await to.offset(upload);
  if (offset < bytes) {
    const opened = await from.open(blob);
    const pipe = createPipe();
    try {
      const sending = opened.send({ from: offset, to: bytes - 1 }, pipe).then(
        () => pipe.end(),
        (error: unknown) => pipe.destroy(error instanceof Error ? error : new Error(String(error))),
      );
      await Promise.all([to.append(upload, offset, pipe), sending]);
    } finally {
      await opened.close();
    }
  }
  await to.publish(upload);
  await to.abandon(upload);
}

/** The sender fills its buffer again once a piece was taken, which may be before the other end has read it. */
function createPipe(): Transform {
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      done(null, Buffer.from(piece));
    },
  });
}

function describe({ count, bytes, there, missing }: Tally): Finding {
  const earlier = there > 0 ? `, ${there} were there` : '';
  const found = `${count} copied, ${describeBytes(bytes)}${earlier}`;
  if (missing === 0) return ok('files', found);
  const advice = 'They were missing before: devices that have them still pass them on. A backup may have them, too.';
  return warn('files', `${found}; ${missing} are not at the source`, advice);
}

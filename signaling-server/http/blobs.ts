/** Blobs of a conversation: sent in pieces that can go on after a cut, fetched whole or by range. */
import type { Writable } from 'node:stream';
import { Hono, type Context } from 'hono';
import {
  beginBlobSchema,
  blobIdSchema,
  conversationIdSchema,
  directBlobHeader,
  ParleyError,
  uploadCompleteHeader,
  uploadOffsetHeader,
  type BlobUpload,
} from '../../protocol/index.ts';
import type { OpenBlob } from '../ports/blobs.ts';
import type { BlobPlace } from '../relay/blob-acts.ts';
import { blobNotFound } from '../relay/blob-refusals.ts';
import { authenticate } from './authenticate.ts';
import { parseRange } from './byte-range.ts';
import type { HttpDeps, HttpEnv } from './http-deps.ts';
import { readJson } from './json-body.ts';
import { incomingBytes, sendRaw } from './raw-streams.ts';
import { stopReading } from './stop-reading.ts';

type BlobContext = Context<HttpEnv>;

/** Mounted at `/v1/conversations/:conversation/blobs`. */
export function blobRoutes(deps: HttpDeps) {
  const { store, blobs, limits, metrics } = deps;
  return new Hono<HttpEnv>()
    .use(authenticate(store))
    .use(async (context, next) => {
      await next();
      if (context.error instanceof ParleyError) metrics.blobRefused(context.error.code);
    })
    .post('/', async (context) => {
      const { blob, bytes } = await readJson(context, beginBlobSchema);
      await limits.uploads.take(context.var.caller.profile.id);
      const { isNew, ...upload } = await blobs.begin(placeOf(context, blob), bytes);
      return context.json(upload satisfies BlobUpload, isNew ? 201 : 200);
    })
    .get('/:blob', (context) =>
      context.req.method === 'HEAD' ? answerState(deps, context) : answerBytes(deps, context),
    )
    .get('/:blob/hashes', async (context) => {
      const place = placeOf(context);
      await blobs.size(place);
      const hashes = await deps.storage.hashes(place.blob);
      return context.body(Buffer.from(hashes), 200, { 'Content-Type': 'application/octet-stream' });
    })
    .patch('/:blob', (context) => takeBytes(deps, context))
    .delete('/:blob', async (context) => {
      await blobs.drop(placeOf(context));
      return context.body(null, 204);
    });
}

/** @throws ParleyError `not_found` for what cannot be an id. */
function placeOf(context: BlobContext, id = context.req.param('blob')): BlobPlace {
  const blob = blobIdSchema.safeParse(id);
  const conversation = conversationIdSchema.safeParse(context.req.param('conversation'));
  if (!blob.success || !conversation.success) throw blobNotFound();
  return { user: context.var.caller.profile.id, conversation: conversation.data, blob: blob.data };
}

async function answerState({ blobs }: HttpDeps, context: BlobContext): Promise<Response> {
  const { offset, whole } = await blobs.state(placeOf(context));
  const size = {
    'Content-Length': String(offset),
    'Accept-Ranges': 'bytes',
    'Content-Type': 'application/octet-stream',
  };
  return context.body(null, 200, { ...standing({ offset, whole }), ...(whole ? size : {}) });
}

async function answerBytes(deps: HttpDeps, context: BlobContext): Promise<Response> {
  const { blobs, storage, slots } = deps;
  const place = placeOf(context);
  await blobs.size(place);
  const elsewhere = await directAddress(deps, context, place);
  if (elsewhere !== null) return context.redirect(elsewhere, 307);
  const giveBack = slots.take(place.user);
  try {
    const blob = await storage.open(place.blob);
    try {
      return await sendBlob(deps, context, blob);
    } finally {
      await blob.close();
    }
  } finally {
    giveBack();
  }
}

/** Time to begin a download in; one that has begun goes on. */
const directSeconds = 120;

/** Where else the bytes can be fetched, for devices that can; null when they come from here. */
async function directAddress(deps: HttpDeps, context: BlobContext, { blob }: BlobPlace): Promise<string | null> {
  const { config, storage } = deps;
  if (!config.mediaDirectUrls || context.req.header(directBlobHeader) !== '?1') return null;
  return (await storage.directUrl?.(blob, directSeconds)) ?? null;
}

async function sendBlob({ config, metrics }: HttpDeps, context: BlobContext, blob: OpenBlob): Promise<Response> {
  const size = blob.bytes;
  const part = rangeOf(context, size);
  const range = part ?? { from: 0, to: size - 1 };
  const bytes = range.to - range.from + 1;
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Content-Length': bytes,
    'Accept-Ranges': 'bytes',
    ...(part && { 'Content-Range': `bytes ${part.from}-${part.to}/${size}` }),
  };
  const send = async (sink: Writable): Promise<void> => {
    await blob.send(range, sink);
    metrics.blobBytesOut(bytes);
  };
  return sendRaw(context, { status: part ? 206 : 200, headers }, send, config.stalledAfterMs);
}

function rangeOf(context: BlobContext, size: number) {
  try {
    return parseRange(context.req.header('range'), size);
  } catch (error) {
    context.header('Content-Range', `bytes */${size}`);
    throw error;
  }
}

/** A body that is not read to its end closes its connection once the refusal is out. */
async function takeBytes(deps: HttpDeps, context: BlobContext): Promise<Response> {
  const { incoming } = context.env;
  try {
    const upload = await addBytes(deps, context);
    return context.body(null, 204, standing(upload));
  } catch (error) {
    if (!incoming?.complete) stopReading(incoming);
    if (error instanceof ParleyError && error.code === 'blob_offset') await tellOffset(deps, context);
    throw error;
  }
}

async function addBytes({ blobs, slots, config }: HttpDeps, context: BlobContext): Promise<BlobUpload> {
  const place = placeOf(context);
  const offset = offsetOf(context);
  const giveBack = slots.take(place.user);
  try {
    return await blobs.add(place, offset, incomingBytes(context, config.stalledAfterMs));
  } finally {
    giveBack();
  }
}

function offsetOf(context: BlobContext): number {
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/octet-stream\s*(;|$)/i.test(type)) {
    throw new ParleyError('bad_request', {
      message: 'Send bytes with the header Content-Type: application/octet-stream.',
    });
  }
  const offset = context.req.header(uploadOffsetHeader) ?? '';
  if (/^\d{1,15}$/.test(offset)) return Number(offset);
  const message = `Say with the header ${uploadOffsetHeader} at which byte you go on.`;
  throw new ParleyError('bad_request', { message, field: uploadOffsetHeader });
}

async function tellOffset({ blobs }: HttpDeps, context: BlobContext): Promise<void> {
  const upload = await blobs.state(placeOf(context)).catch(() => null);
  if (upload) for (const [name, value] of Object.entries(standing(upload))) context.header(name, value);
}

function standing({ offset, whole }: BlobUpload): Record<string, string> {
  return { [uploadOffsetHeader]: String(offset), [uploadCompleteHeader]: whole ? '?1' : '?0' };
}

/** Reads a request's body as JSON of a schema: bounded, valid UTF-8, and answered clearly when it is not. */
import type { Context } from 'hono';
import type { z } from 'zod';
import { limits, ParleyError } from '../../protocol/index.ts';
import type { NodeBindings } from './client-address.ts';
import { stopReading } from './stop-reading.ts';

/** @throws ParleyError `body_too_large` or `bad_request`, with the field at fault where there is one. */
export async function readJson<S extends z.ZodType>(context: Context, schema: S): Promise<z.output<S>> {
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw malformed('Send JSON with the header Content-Type: application/json.');
  return parseInput(schema, parseJson(await readBytes(context)));
}

/** For bodies and queries alike. @throws ParleyError `bad_request` with the first field at fault. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.map(String).join('.').slice(0, 64);
  throw new ParleyError('bad_request', {
    message: issue?.message ?? 'The request is malformed.',
    ...(field ? { field } : {}),
  });
}

async function readBytes(context: Context): Promise<Uint8Array> {
  const announced = Number(context.req.header('content-length') ?? 0);
  if (announced > limits.httpBodyBytes) throw tooLarge(context);
  const reader = context.req.raw.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const chunk = await reader?.read().catch((cause: unknown) => {
      throw new ParleyError('bad_request', { message: 'The body ended too early.', cause });
    });
    if (!chunk || chunk.done) return Buffer.concat(chunks, size);
    size += chunk.value.byteLength;
    if (size > limits.httpBodyBytes) throw tooLarge(context);
    chunks.push(chunk.value);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes)) as unknown;
  } catch (cause) {
    throw malformed('The body is not JSON in UTF-8.', cause);
  }
}

function tooLarge(context: Context): ParleyError {
  stopReading((context.env as NodeBindings | undefined)?.incoming);
  return new ParleyError('body_too_large', { message: `The body is larger than ${limits.httpBodyBytes} bytes.` });
}

function malformed(message: string, cause?: unknown): ParleyError {
  return new ParleyError('bad_request', { message, cause });
}

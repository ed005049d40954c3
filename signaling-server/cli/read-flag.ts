/** Reads a flag that is not a setting of the relay. */
import type { z } from 'zod';
import { ParleyError } from '../../protocol/index.ts';

/** @throws ParleyError `bad_request` that names the flag. */
export function readFlag<S extends z.ZodType>(flag: string, value: unknown, schema: S): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const why = parsed.error.issues[0]?.message ?? 'is not valid';
  throw new ParleyError('bad_request', { message: `${flag}: ${JSON.stringify(value)} ${why}.` });
}

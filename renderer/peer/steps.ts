/** The steps of a negotiation; only those that a data connection needs pass. */
import { z } from 'zod';

const sdp = z
  .string()
  .max(12 * 1024)
  // A peer gets a data channel: descriptions that offer sound or pictures would wake Chromium's decoders for nothing.
  .refine((text) => !/^m=(?!application )/m.test(text), 'offers more than data');

/** How many lines a side takes at most. Said about a connection, not about further lines; a side that says nothing takes one. */
const lines = z.number().int().min(1).max(64).optional();

const candidateSchema = z.object({
  type: z.literal('candidate'),
  candidate: z.object({
    candidate: z.string().max(2_000),
    sdpMLineIndex: z.number().int().min(0).max(8).nullable(),
    sdpMid: z.string().max(64).nullable(),
  }),
});
const offerSchema = z.object({ type: z.literal('offer'), sdp, lines });
const answerSchema = z.object({ type: z.literal('answer'), sdp, lines });

const stepSchema = z.discriminatedUnion('type', [offerSchema, answerSchema, candidateSchema]);
export type Step = z.infer<typeof stepSchema>;

/** About a further line: crosses the first one. */
const lineStepSchema = z.object({ line: z.number().int().min(1).max(63), step: stepSchema });
export type LineStep = z.infer<typeof lineStepSchema>;

/** @returns null for what is no step, such as a wish of simple-peer's to negotiate anew, which no data channel needs. */
export function toStep(said: unknown): Step | null {
  return stepSchema.safeParse(said).data ?? null;
}

/** @returns null for what is no step. */
export function decodeStep(data: string): Step | null {
  return parsed(data, stepSchema);
}

/** @returns null for what is no step of a line. */
export function decodeLineStep(data: string): LineStep | null {
  return parsed(data, lineStepSchema);
}

function parsed<T>(data: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.safeParse(JSON.parse(data)).data ?? null;
  } catch {
    return null;
  }
}

/** The steps of a negotiation, as they cross the relay in signals; only those that a data connection needs pass. */
import { z } from 'zod';

const sdp = z
  .string()
  .max(12 * 1024)
  // A peer gets a data channel: descriptions that offer sound or pictures would wake Chromium's decoders for nothing.
  .refine((text) => !/^m=(?!application )/m.test(text), 'offers more than data');

const candidateSchema = z.object({
  type: z.literal('candidate'),
  candidate: z.object({
    candidate: z.string().max(2_000),
    sdpMLineIndex: z.number().int().min(0).max(8).nullable(),
    sdpMid: z.string().max(64).nullable(),
  }),
});
const offerSchema = z.object({ type: z.literal('offer'), sdp });
const answerSchema = z.object({ type: z.literal('answer'), sdp });

const stepSchema = z.discriminatedUnion('type', [offerSchema, answerSchema, candidateSchema]);
export type Step = z.infer<typeof stepSchema>;

/** @returns the step as text, or null for a wish of simple-peer's to negotiate anew, which no data channel needs. */
export function encodeStep(step: unknown): string | null {
  const parsed = stepSchema.safeParse(step);
  return parsed.success ? JSON.stringify(parsed.data) : null;
}

/** @returns null for what is no step. */
export function decodeStep(data: string): Step | null {
  try {
    return stepSchema.safeParse(JSON.parse(data)).data ?? null;
  } catch {
    return null;
  }
}

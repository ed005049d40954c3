/** The smallest views, of which the others are made. */
import { userIdSchema } from '../protocol/index.ts';
import { z } from 'zod';

export const personSchema = z.object({ id: userIdSchema, username: z.string(), displayName: z.string() });
export type PersonView = z.infer<typeof personSchema>;

/** A fault as the screens show it: a code to choose by, and words for the person. */
export const faultSchema = z.object({ code: z.string(), message: z.string() });
export type FaultView = z.infer<typeof faultSchema>;

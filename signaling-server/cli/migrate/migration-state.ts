/** What a database that is being filled says of it, so that the same command goes on after a crash. */
import { z } from 'zod';
import { relayIdSchema } from '../../../protocol/index.ts';
import { partNames, type Part } from './parts.ts';
import type { Progress } from './sides.ts';

const progressSchema = z.object({
  position: z.array(z.union([z.string(), z.number()])).nullable(),
  rows: z.number().int(),
  done: z.boolean(),
});

export const migrationStateSchema = z.object({
  /** Whose data it is. */
  relayId: relayIdSchema,
  /** Of which form: the keys of one side's rows are not those of another's. */
  from: z.enum(['folder', 'database']),
  parts: z.partialRecord(z.enum(partNames as readonly [Part, ...Part[]]), progressSchema),
});

export type MigrationState = z.infer<typeof migrationStateSchema>;

export const nothingYet: Progress = { position: null, rows: 0, done: false };

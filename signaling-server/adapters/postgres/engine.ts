/** What tells the engines that speak PostgreSQL's protocol apart, as far as it matters here. */
import type { ClientBase } from 'pg';
import { z } from 'zod';

export interface Engine {
  /** As the engine names itself, for the log and for `doctor`. */
  readonly name: 'PostgreSQL' | 'Citus' | 'YugabyteDB' | 'CockroachDB';
  /** All of `version()`. */
  readonly version: string;
  /** Whether the log is cut into partitions by hash. Engines that spread tables over machines do that themselves. */
  readonly partitionsLog: boolean;
  /** Whether tables take storage parameters, such as room left for updates. */
  readonly tunesStorage: boolean;
  /** Whether tables are spread over machines by `create_distributed_table`. */
  readonly distributesTables: boolean;
  /** Whether one statement may lock and write rows of several conversations or users; else they go one by one in a transaction. */
  readonly writesAcrossKeys: boolean;
}

const rowSchema = z.object({ version: z.string(), citus: z.boolean() });

/** Only PostgreSQL itself is tried in Parley's tests; the others are told apart by what their documentation says. */
export async function detectEngine(client: ClientBase): Promise<Engine> {
  const { rows } = await client.query<unknown[]>(
    "SELECT version() AS version, EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') AS citus",
  );
  const { version, citus } = rowSchema.parse(rows[0]);
  return { version, ...traitsOf(version, citus) };
}

function traitsOf(version: string, citus: boolean): Omit<Engine, 'version'> {
  const plain = {
    partitionsLog: false,
    tunesStorage: false,
    distributesTables: false,
    writesAcrossKeys: true,
  };
  if (version.startsWith('CockroachDB')) return { ...plain, name: 'CockroachDB' };
  if (/-YB-/u.test(version)) return { ...plain, name: 'YugabyteDB' };
  if (citus) return { ...plain, name: 'Citus', tunesStorage: true, distributesTables: true, writesAcrossKeys: false };
  return { ...plain, name: 'PostgreSQL', partitionsLog: true, tunesStorage: true };
}

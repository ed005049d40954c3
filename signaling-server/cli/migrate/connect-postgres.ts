/** One connection of a command to a PostgreSQL database. */
import { Client } from 'pg';
import { toStoreError } from '../../adapters/postgres/database-errors.ts';

const connectTimeoutMs = 10_000;

export interface PostgresConnection {
  readonly client: Client;
  close(): Promise<void>;
}

/** @throws ParleyError that says why not, without the address's secrets. */
export async function connectPostgres(url: string): Promise<PostgresConnection> {
  try {
    const client = new Client({
      connectionString: url,
      application_name: 'parley-relay-command',
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    });
    // Whoever waits for an answer is told of a lost connection; this only keeps it from ending the process.
    client.on('error', () => undefined);
    await client.connect();
    return { client, close: () => client.end().catch(() => undefined) };
  } catch (cause) {
    throw toStoreError(cause);
  }
}

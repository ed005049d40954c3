/** Small named values kept as JSON, each read back through a schema. */
import type { z } from 'zod';
import type { Database } from './database.ts';

export interface StateTable {
  /** Null when there is none, or when what is there does not fit the schema. */
  get<T>(name: string, schema: z.ZodType<T>): T | null;
  set(name: string, value: unknown): void;
  remove(name: string): void;
}

export function createStateTable(database: Database): StateTable {
  const select = database.prepare<[string], { value: string }>('SELECT value FROM state WHERE name = ?');
  const upsert = database.prepare<[string, string]>(
    'INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  const erase = database.prepare<[string]>('DELETE FROM state WHERE name = ?');
  return {
    get(name, schema) {
      const row = select.get(name);
      return row ? (schema.safeParse(parseJson(row.value)).data ?? null) : null;
    },
    set: (name, value) => void upsert.run(name, JSON.stringify(value)),
    remove: (name) => void erase.run(name),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

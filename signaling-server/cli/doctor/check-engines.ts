/** Checks the engines that the settings name; of those that they do not, nothing is said. */
import type { RelayId } from '../../../protocol/index.ts';
import { isObjectStore } from '../../config/engine-url.ts';
import type { Config } from '../../config/settings-table.ts';
import type { Finding } from './finding.ts';

/** Each engine's client is loaded only where it is used. */
export async function checkEngines(config: Config): Promise<Finding[]> {
  const { store, bus, blobs, cold } = config;
  const findings: Finding[] = [];
  if (store !== null) findings.push(...(await (await import('./check-postgres.ts')).checkPostgres(store, config)));
  if (bus.length > 0) {
    const { checkNats } = await import('./check-nats.ts');
    findings.push(...(await checkNats(config, store === null ? null : await readRelayId(store))));
  }
  for (const [setting, url] of [
    ['blobs', blobs],
    ['cold', cold],
  ] as const) {
    if (!isObjectStore(url) || (setting === 'cold' && url === blobs)) continue;
    const { checkObjectStore } = await import('./check-object-store.ts');
    findings.push(await checkObjectStore(url, config, setting));
  }
  return findings;
}

/** Null when there is none yet, or the database does not answer. */
async function readRelayId(url: string): Promise<RelayId | null> {
  const { connectPostgres } = await import('../migrate/connect-postgres.ts');
  const { readMeta } = await import('../../adapters/postgres/migrations.ts');
  const { idFromBytes } = await import('../../adapters/sqlite/ids.ts');
  try {
    const { client, close } = await connectPostgres(url);
    const id = await readMeta(client, 'relay_id').finally(close);
    return id && idFromBytes<RelayId>(id);
  } catch {
    return null;
  }
}

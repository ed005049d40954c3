/** The configuration and the temporary folders of relays under test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../signaling-server/config/load-config.ts';
import type { Config } from '../../signaling-server/config/settings-table.ts';

const withoutRateLimits = {
  requestsPerMinute: 0,
  loginsPerMinute: 0,
  loginFailuresPerHour: 0,
  registrationsPerHour: 0,
  lookupsPerMinute: 0,
  uploadsPerMinute: 0,
} as const;

/** The defaults, but for open registration, no rate limits on HTTP, and a free port of this machine. */
export function testConfig(changes: Partial<Config> = {}): Config {
  return {
    ...loadConfig({ flags: {}, env: {}, file: null }),
    host: '127.0.0.1',
    port: 0,
    registration: 'open',
    stopTimeoutMs: 2_000,
    ...withoutRateLimits,
    ...changes,
  };
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'parley-relay-'));
}

export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

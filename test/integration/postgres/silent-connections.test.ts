/** Connections to PostgreSQL that fall silent, as behind a firewall that forgets them, do not keep a relay from stopping. */
import { expect, onTestFinished, test } from 'vitest';
import { openPostgresStore } from '../../../signaling-server/adapters/postgres/postgres-store.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import { FaultyLink } from '../../rig/net/faulty-link.ts';
import { silentLog } from '../../rig/relay/silent-log.ts';
import { startPostgres } from '../../support/postgres-server.ts';

/** What a relay leaves for it: `closingMs` of serve. */
const closesWithinMs = 10_000;

test('a store whose connections are silent closes in time, and what was asked of them fails as unavailable', async () => {
  const server = await startPostgres({ fsync: false });
  onTestFinished(() => server.stop());
  const link = await FaultyLink.open({ ports: () => [server.port], witness: null, tally: null });
  onTestFinished(() => link.close());
  const url = new URL(await server.createDatabase());
  url.port = String(link.port);
  const store = await openPostgresStore({ url: url.href, clock: Date.now, log: silentLog, metrics: silentMetrics });
  await Promise.all([store.ping(), store.accounts.byUsername('nobody')]);
  expect(link.hole(0, 'dies')).toBeGreaterThan(0);
  link.heal();
  const asked = store.accounts.byUsername('nobody').catch((error: unknown) => error);
  const since = performance.now();
  await store.close();
  expect(performance.now() - since).toBeLessThan(closesWithinMs);
  expect(await asked).toMatchObject({ code: 'unavailable' });
});

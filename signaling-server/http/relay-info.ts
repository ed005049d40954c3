/** Who is there: what the welcome screen asks before anybody logs in. */
import { Hono } from 'hono';
import { protocolVersions, type RelayInfo } from '../../protocol/index.ts';
import type { HttpDeps, HttpEnv } from './http-deps.ts';

/** Mounted at `/v1/relay`. */
export function relayInfoRoutes({ store, config, version, now }: HttpDeps) {
  return new Hono<HttpEnv>().get('/', (context) =>
    context.json({
      product: 'parley-relay',
      id: store.relayId,
      name: config.name,
      version,
      protocol: [...protocolVersions],
      registration: config.registration,
      directory: config.directory,
      time: now(),
    } satisfies RelayInfo),
  );
}

/** What supervisors and load balancers ask: is the process alive, and can it serve? */
import { Hono } from 'hono';
import { paths } from '../../protocol/index.ts';
import type { HttpDeps, HttpEnv } from './http-deps.ts';

export function healthRoutes({ ready }: Pick<HttpDeps, 'ready'>) {
  return new Hono<HttpEnv>()
    .get(paths.health, (context) => context.json({ status: 'ok' }))
    .get(paths.ready, async (context) => {
      const away = await ready();
      return context.json({ status: 'ready', ...(away.length > 0 && { away }) });
    });
}

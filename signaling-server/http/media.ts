/** What this relay takes from the caller, asked before anything is sent. */
import { Hono } from 'hono';
import { authenticate } from './authenticate.ts';
import type { HttpDeps, HttpEnv } from './http-deps.ts';

/** Mounted at `/v1/media`. */
export function mediaRoutes({ store, blobs }: HttpDeps) {
  return new Hono<HttpEnv>()
    .use(authenticate(store))
    .get('/', async (context) => context.json(await blobs.limitsOf(context.var.caller.profile.id)));
}

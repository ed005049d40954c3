/** Finds out which device of which user asks, by its session token. */
import { createMiddleware } from 'hono/factory';
import type { Store } from '../ports/store.ts';
import { findSession } from './find-session.ts';
import type { HttpEnv } from './http-deps.ts';

/** @throws ParleyError `unauthenticated`, alike for missing, malformed, unknown and ended tokens; `device_revoked`. */
export function authenticate(store: Store) {
  return createMiddleware<HttpEnv>(async (context, next) => {
    const token = /^Bearer ([\w-]{1,256})$/i.exec(context.req.header('authorization') ?? '')?.[1];
    context.set('caller', await findSession(store.devices, token));
    await next();
  });
}

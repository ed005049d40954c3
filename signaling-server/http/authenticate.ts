/** Finds out which device of which user asks, by its session token. */
import { createMiddleware } from 'hono/factory';
import { ParleyError } from '../../protocol/index.ts';
import type { Store } from '../ports/store.ts';
import type { HttpEnv } from './http-deps.ts';
import { hashSecret } from './secrets.ts';

/** @throws ParleyError `unauthenticated`, alike for missing, malformed, unknown and revoked tokens. */
export function authenticate(store: Store) {
  return createMiddleware<HttpEnv>(async (context, next) => {
    const token = /^Bearer ([\w-]{1,256})$/i.exec(context.req.header('authorization') ?? '')?.[1];
    const caller = token === undefined ? null : await store.devices.byToken(hashSecret(token));
    if (caller === null) {
      throw new ParleyError('unauthenticated', { message: 'This session has ended. Log in again.' });
    }
    context.set('caller', caller);
    await next();
  });
}

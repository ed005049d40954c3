/** Servers by which devices find the way to one another, with credentials that lapse by themselves. */
import { createHmac } from 'node:crypto';
import { Hono } from 'hono';
import type { Ice, UserId } from '../../protocol/index.ts';
import type { Config } from '../config/settings-table.ts';
import { authenticate } from './authenticate.ts';
import type { HttpDeps, HttpEnv } from './http-deps.ts';

export type IceSettings = Pick<Config, 'direct' | 'stunUrls' | 'turnUrls' | 'turnSecret' | 'turnTtlSeconds'>;

/** Mounted at `/v1/ice`. */
export function iceRoutes({ store, config, now }: HttpDeps) {
  return new Hono<HttpEnv>()
    .use(authenticate(store))
    .get('/', (context) => context.json(iceServers(config, context.var.caller.profile.id, now())));
}

/** With `off` no server is named. @param now milliseconds since 1970. */
export function iceServers(settings: IceSettings, user: UserId, now: number): Ice {
  const { direct, stunUrls, turnTtlSeconds } = settings;
  const stun = stunUrls.length > 0 && direct === 'on' ? [{ urls: [...stunUrls] }] : [];
  const servers = direct === 'off' ? [] : [...stun, ...turnServers(settings, user, now)];
  return { servers, direct, ttlSeconds: turnTtlSeconds };
}

/**
 * Credentials as coturn checks them with `use-auth-secret`: the name says until when they are good and for whom, and the
 * password proves that the relay wrote the name.
 * @see https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00
 */
function turnServers({ turnUrls, turnSecret, turnTtlSeconds }: IceSettings, user: UserId, now: number): Ice['servers'] {
  if (turnUrls.length === 0 || turnSecret === null) return [];
  const username = `${Math.floor(now / 1_000) + turnTtlSeconds}:${user}`;
  const credential = createHmac('sha1', turnSecret).update(username).digest('base64');
  return [{ urls: [...turnUrls], username, credential }];
}

/** The relay's HTTP application: everything of `protocol/http.ts`, without a port, so that tests can ask it directly. */
import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import { secureHeaders } from 'hono/secure-headers';
import { ParleyError, paths } from '../protocol/index.ts';
import { accountRoutes } from './http/account.ts';
import { accountsRoutes } from './http/accounts.ts';
import { blobRoutes } from './http/blobs.ts';
import { addressOf } from './http/client-address.ts';
import { conversationRoutes } from './http/conversations.ts';
import { deviceRoutes } from './http/devices.ts';
import { answerUnknownRoute, createErrorHandler } from './http/error-answers.ts';
import { healthRoutes } from './http/health.ts';
import type { HttpDeps, HttpEnv } from './http/http-deps.ts';
import { iceRoutes } from './http/ice.ts';
import { mediaRoutes } from './http/media.ts';
import { metricsRoutes } from './http/metrics.ts';
import { relayInfoRoutes } from './http/relay-info.ts';
import { sessionRoutes } from './http/sessions.ts';
import { userRoutes } from './http/users.ts';

export type RelayApp = ReturnType<typeof createApp>;

export function createApp(deps: HttpDeps) {
  const app = new Hono<HttpEnv>();
  app.onError(createErrorHandler(deps.log));
  app.notFound(answerUnknownRoute);
  app.use(countAnswers(deps), securityHeaders(deps), neverCached);
  app.route('/', healthRoutes(deps));
  app.route('/', metricsRoutes(deps));
  app.use(limitRequests(deps));
  app.route(paths.relay, relayInfoRoutes(deps));
  app.route(paths.accounts, accountsRoutes(deps));
  app.route(paths.sessions, sessionRoutes(deps));
  app.route(paths.account, accountRoutes(deps));
  app.route(paths.devices, deviceRoutes(deps));
  app.route(paths.users, userRoutes(deps));
  // Before the conversations' own, whose middleware would run again for everything below their path.
  app.route(paths.blobs, blobRoutes(deps));
  app.route(paths.conversations, conversationRoutes(deps));
  app.route(paths.media, mediaRoutes(deps));
  app.route(paths.ice, iceRoutes(deps));
  app.get(paths.socket, () => {
    throw new ParleyError('bad_request', { message: 'Open this address as a WebSocket.' });
  });
  return app;
}

/** Logs the route's pattern, never the address asked for: that may hold names. */
function countAnswers({ metrics, log }: HttpDeps) {
  return createMiddleware<HttpEnv>(async (context, next) => {
    const start = performance.now();
    await next();
    const { method } = context.req;
    const { status } = context.res;
    metrics.httpAnswered(status);
    log.debug('http.answered', {
      method,
      route: routePath(context, -1),
      status,
      ms: Math.round(performance.now() - start),
    });
  });
}

function securityHeaders({ config }: HttpDeps) {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: 'DENY',
    strictTransportSecurity: config.tlsCert === null ? false : 'max-age=31536000',
  });
}

const neverCached = createMiddleware<HttpEnv>(async (context, next) => {
  await next();
  context.header('Cache-Control', 'no-store');
});

function limitRequests({ limits, clientAddress }: HttpDeps) {
  return createMiddleware<HttpEnv>(async (context, next) => {
    await limits.requests.take(addressOf(context, clientAddress));
    await next();
  });
}

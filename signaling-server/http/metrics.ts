/** `/metrics` for Prometheus: only for this machine, or for who has the token. */
import { Hono, type Context } from 'hono';
import { ParleyError, paths } from '../../protocol/index.ts';
import { isLoopback, type NodeBindings } from './client-address.ts';
import type { HttpDeps, HttpEnv } from './http-deps.ts';
import { equalSecrets } from './secrets.ts';

export function metricsRoutes({ metrics, config }: Pick<HttpDeps, 'metrics' | 'config'>) {
  return new Hono<HttpEnv>().get(paths.metrics, async (context) => {
    assertMayRead(context, config.metricsToken);
    return context.body(await metrics.render(), 200, { 'Content-Type': metrics.contentType });
  });
}

/** Strangers are told that there is nothing here, unless the admin has set a token for them to bring. */
function assertMayRead(context: Context, token: string | null): void {
  if (isLocal(context)) return;
  if (token === null) throw new ParleyError('not_found', { message: 'There is nothing at this address.' });
  const given = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? '';
  if (!equalSecrets(given, token)) {
    throw new ParleyError('unauthenticated', { message: 'Metrics need the token of --metrics-token.' });
  }
}

/** A reverse proxy on this machine makes everybody look local, but it says whom it speaks for. */
function isLocal(context: Context): boolean {
  const proxied = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'];
  return (
    isLoopback((context.env as NodeBindings | undefined)?.incoming) &&
    proxied.every((header) => context.req.header(header) === undefined)
  );
}

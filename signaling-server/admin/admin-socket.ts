/** A door for the admin on the relay's own machine: the running relay does admin acts asked for on a local socket. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { ParleyError } from '../../protocol/index.ts';
import { answerUnknownRoute, createErrorHandler } from '../http/error-answers.ts';
import { readJson } from '../http/json-body.ts';
import type { Log } from '../ports/log.ts';
import { adminContract, type AdminAct, type AdminActs } from './admin-contract.ts';

/**
 * Listens at `path`, which only the relay's own user can open: the folder is theirs alone and the socket has mode 0600.
 * The caller holds the data directory's lock, so a socket left there by a killed relay is taken away.
 * @returns ends the socket.
 */
export async function openAdminSocket(path: string, acts: AdminActs, log: Log): Promise<() => Promise<void>> {
  const app = createAdminApp(acts, log);
  const server = createServer(getRequestListener((request, env) => app.fetch(request, env)));
  if (process.platform !== 'win32') rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}

/** `POST /:act` with the act's input as JSON. */
export function createAdminApp(acts: AdminActs, log: Log) {
  return new Hono()
    .onError(createErrorHandler(log))
    .notFound(answerUnknownRoute)
    .post('/:act', async (context) => {
      const act = context.req.param('act');
      if (!Object.hasOwn(adminContract, act)) {
        throw new ParleyError('not_found', {
          message: `The running relay does not know "${act}". Are both of the same version?`,
        });
      }
      return context.json(
        await carryOut(acts, act as AdminAct, await readJson(context, adminContract[act as AdminAct].input)),
      );
    });
}

function carryOut<A extends AdminAct>(acts: AdminActs, act: A, input: unknown): Promise<object> {
  const run = acts[act] as (input: unknown) => Promise<object>;
  return run(input);
}

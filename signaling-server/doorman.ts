/** Answers at an open port from the first moment on: "not yet" while the relay waits for its database, then the relay. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Hono } from 'hono';
import { ParleyError, paths } from '../protocol/index.ts';
import { answerError } from './http/error-answers.ts';
import type { UpgradeHandler } from './http/socket-route.ts';
import { refuseUpgrade } from './http/upgrade-refusals.ts';
import type { RelayApp } from './app.ts';

export interface Doorman {
  readonly app: Pick<RelayApp, 'fetch'>;
  readonly onUpgrade: UpgradeHandler;
  /** From now on the relay answers by itself. */
  admit(app: Pick<RelayApp, 'fetch'>, onUpgrade: UpgradeHandler): void;
}

const retryAfterMs = 2_000;

export function createDoorman(): Doorman {
  const waiting = new Hono()
    .get(paths.health, (context) => context.json({ status: 'ok' }))
    .all('*', (context) => answerError(context, notYet()));
  let app: Pick<RelayApp, 'fetch'> = { fetch: (request) => waiting.fetch(request) };
  let upgrade: UpgradeHandler = (_request, socket) => {
    socket.on('error', () => socket.destroy());
    refuseUpgrade(socket, notYet());
  };
  return {
    app: { fetch: (request, ...rest) => app.fetch(request, ...rest) },
    onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => upgrade(request, socket, head),
    admit(relay, onUpgrade) {
      app = relay;
      upgrade = onUpgrade;
    },
  };
}

function notYet(): ParleyError {
  const message = 'The relay is starting and waits for its database. It goes on by itself.';
  return new ParleyError('unavailable', { message, retryAfterMs });
}

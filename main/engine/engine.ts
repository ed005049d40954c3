/** The engine: Parley's client core. Serves the screens and the host over ports, and runs wherever Node does. */
import { join } from 'node:path';
import type { Handlers } from '../../bridge/contract.ts';
import { engineContract, type EngineContract } from '../../bridge/engine-contract.ts';
import { guestContract, type GuestContract } from '../../bridge/host-contract.ts';
import { serveRpc, type Port, type RpcServer } from '../../bridge/rpc.ts';
import { createAccountHolder, type AccountHolder } from './account/account-holder.ts';
import { createGuestHandlers } from './commands/guest-handlers.ts';
import { createEngineHandlers } from './commands/engine-handlers.ts';
import { openSocket } from './connection/socket.ts';
import { httpClient } from './connection/http-client.ts';
import { createData, type Data } from './data/create-data.ts';
import type { EngineDeps, EngineOptions } from './options.ts';
import { systemClock } from './runtime/clock.ts';
import { createEventHub } from './runtime/event-hub.ts';
import { afterFirstCall } from './runtime/first-call.ts';
import { createLogFile } from './runtime/log-file.ts';
import { plainSealer } from './sealing/plain-sealer.ts';
import { openProfileStore } from './storage/profile-store.ts';

export interface Engine {
  readonly handlers: Handlers<EngineContract>;
  readonly guestHandlers: Handlers<GuestContract>;
  /** Serves the engine's contract on a port: a page's, or one end of a linked pair. Any number of them. */
  serve(port: Port): void;
  /** Serves the guest's contract to the host. */
  serveHost(port: Port): void;
  /** Sends the engine's events to a server of somebody else's; `greet` tells it of what is wrong right now. */
  attachPage(server: RpcServer<EngineContract>): void;
  greetPages(): void;
  /** The system woke up or the network changed. */
  wake(): void;
  /** Stores what is pending and closes the database. */
  close(): Promise<void>;
}

/**
 * Opens a profile, and the account that is logged in there.
 * @throws ParleyError `storage_busy` (another process has the profile), `storage_newer`, `storage_failed`.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const deps = withDefaults(options);
  const profile = openProfileStore(deps.dataDir, () => deps.clock.now());
  const pages = createEventHub<EngineContract>();
  const guest = createEventHub<GuestContract>();
  const holder = createAccountHolder(deps, profile, pages, guest);
  try {
    await holder.open();
  } catch (error) {
    profile.close();
    throw error;
  }
  deps.log.info('engine.opened', { version: deps.appVersion });
  return createEngine(deps, holder, createData({ deps, holder, profile, pages }), pages, guest);
}

function createEngine(
  { log }: EngineDeps,
  holder: AccountHolder,
  data: Data,
  pages: ReturnType<typeof createEventHub<EngineContract>>,
  guest: ReturnType<typeof createEventHub<GuestContract>>,
): Engine {
  const handlers = createEngineHandlers(holder, data);
  const onUnexpected = (name: string, error: unknown) => log.error('command.failed', { command: name }, error);
  let closing: Promise<void> | null = null;

  const close = () => (closing ??= end());
  const end = async () => {
    await data.close();
    await holder.close();
    log.info('engine.closed');
  };
  const wake = () => {
    holder.current()?.connection.wake();
    holder.current()?.media.transfers.reconsider();
  };
  const guestHandlers = createGuestHandlers(holder, data, { close, wake });

  return {
    handlers,
    guestHandlers,
    serve(port) {
      pages.add(serveRpc(engineContract, handlers, afterFirstCall(port, holder.tellNewPage), onUnexpected));
    },
    serveHost(port) {
      guest.add(serveRpc(guestContract, guestHandlers, port, onUnexpected));
      holder.tellHost();
    },
    attachPage: (server) => pages.add(server),
    greetPages: holder.tellNewPage,
    wake,
    close,
  };
}

function withDefaults(options: EngineOptions): EngineDeps {
  const clock = options.clock ?? systemClock;
  return {
    ...options,
    clock,
    random: options.random ?? Math.random,
    log: options.log ?? createLogFile({ file: join(options.dataDir, 'logs', 'engine.log'), level: 'info', clock }),
    openSocket: options.openSocket ?? openSocket,
    http: options.http ?? httpClient,
    sealer: options.sealer ?? plainSealer,
  };
}

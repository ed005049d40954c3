/** `serve`: runs a relay until it is told to stop. */
import { ParleyError } from '../../protocol/index.ts';
import { describeEngineUrl } from '../config/engine-url.ts';
import type { Config } from '../config/settings-table.ts';
import { version } from '../config/version.ts';
import { createPinoLog } from '../observe/pino-log.ts';
import type { Log } from '../ports/log.ts';
import { startRelay, type Relay } from '../start-relay.ts';
import { offerFirstInvite } from './first-invite.ts';
import { exitCodes } from './usage.ts';

/** @returns the exit code, once the relay has stopped. */
export async function serve(config: Config): Promise<number> {
  const log = createPinoLog({ level: config.logLevel, format: config.logFormat });
  endOnFault(log);
  const told = untilToldToStop(log);
  const relay = await startUnlessStopped(config, log, told);
  if (relay === null) return exitCodes.done;
  log.info('relay.listening', {
    url: relay.url,
    host: config.host,
    port: relay.port,
    version,
    data: config.data,
    pid: process.pid,
    ...enginesOf(config),
  });
  warnOfOpenDoors(config, log);
  warnOfOwnFiles(config, log);
  await offerFirstInvite(config, relay);
  renewOnHangup(config, relay, log);
  await told;
  const deadline = endWhenStuck(config, log);
  await relay.stop();
  clearTimeout(deadline);
  log.info('relay.stopped');
  return exitCodes.done;
}

/** @returns null when it was told to stop while it waited for its database. */
async function startUnlessStopped(config: Config, log: Log, told: Promise<void>): Promise<Relay | null> {
  const stopping = new AbortController();
  void told.then(() => stopping.abort());
  try {
    return await startRelay({ config, log, signal: stopping.signal });
  } catch (error) {
    if (stopping.signal.aborted && error instanceof ParleyError && error.code === 'going_away') return null;
    throw error;
  }
}

function enginesOf({ store, bus, blobs, readOnly }: Config): Readonly<Record<string, string | boolean>> {
  return {
    ...(store !== null && { store: describeEngineUrl(store) }),
    ...(bus.length > 0 && { bus: bus.map(describeEngineUrl).join(', ') }),
    ...(blobs !== null && { blobs: describeEngineUrl(blobs) }),
    ...(readOnly && { readOnly }),
  };
}

/** A relay whose state is unknown must not go on: its supervisor starts a fresh one. */
function endOnFault(log: Log): void {
  const end = (error: unknown): never => {
    log.error('relay.crashed', { error });
    process.exit(exitCodes.failed);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

/** The first signal stops in order, the second at once. */
function untilToldToStop(log: Log): Promise<void> {
  return new Promise((resolve) => {
    let told = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      log.info(told ? 'relay.forced' : 'relay.stopping', { signal });
      if (told) process.exit(exitCodes.failed);
      told = true;
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/**
 * Time for what comes after the sockets: their last words, requests under way, the last commits, the database's own closing.
 * Each of these bounds itself; with engines that hang, all of them take most of it. Supervisors are told to wait longer.
 */
const closingMs = 17_000;

/** A part that does not close must not keep the process: what was confirmed is on disk already. */
function endWhenStuck({ stopTimeoutMs }: Config, log: Log): NodeJS.Timeout {
  return setTimeout(() => {
    log.error('relay.stop_timed_out');
    process.exit(exitCodes.failed);
  }, stopTimeoutMs + closingMs);
}

function renewOnHangup(config: Config, relay: Relay, log: Log): void {
  process.on('SIGHUP', () => {
    if (config.tlsCert === null) return;
    try {
      relay.renewTls();
      log.info('tls.renewed');
    } catch (error) {
      log.error('tls.not_renewed', { error });
    }
  });
}

const onThisMachine = new Set(['127.0.0.1', '::1', 'localhost']);

function warnOfOpenDoors({ host, tlsCert, trustedProxy }: Config, log: Log): void {
  if (tlsCert !== null || onThisMachine.has(host) || trustedProxy.length > 0) return;
  log.warn('tls.off', {
    advice:
      'Passwords and messages cross the network unencrypted. Set --tls-cert and --tls-key, or --host 127.0.0.1 behind a reverse proxy with TLS.',
  });
}

function warnOfOwnFiles({ bus, blobs, data }: Config, log: Log): void {
  if (bus.length === 0 || blobs !== null) return;
  log.warn('blobs.on_this_node', {
    data,
    advice:
      'Other nodes do not see the files in the data folder of this one. Set --blobs to an object store that all nodes reach, or let the folder blobs be one that all of them mount.',
  });
}

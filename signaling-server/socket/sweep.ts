/** Looks at all connections once a second, in place of timers for each: who is silent, who is stuck, who is leaving. */
import { ParleyError, type ErrorCode } from '../../protocol/index.ts';
import type { Attestations } from '../relay/attestations.ts';
import type { Feeder } from '../relay/feeder.ts';
import type { LastSeen } from '../relay/last-seen.ts';
import type { RelayParts } from '../relay/relay-parts.ts';
import type { Greeting, OpenSession, Verifying } from '../relay/session.ts';
import type { Connection } from './connection.ts';

/** How long a device may take to say what it holds before live messages start without it. */
const syncGraceMs = 1_000;
/** How long a closing socket may take. */
const closeGraceMs = 5_000;
/** The store hears of a device that stays connected every so often, so that a crash forgets little. */
const touchEveryMs = 300_000;

interface SweepDeps {
  readonly connections: ReadonlySet<Connection>;
  readonly feeder: Feeder;
  readonly lastSeen: LastSeen;
  readonly attestations: Attestations;
}

export function createSweep(
  { settings, clock, uptime }: RelayParts,
  { connections, feeder, lastSeen, attestations }: SweepDeps,
) {
  return (): void => {
    const now = uptime();
    for (const connection of connections) look(connection, now);
    feeder.retry();
    void lastSeen.flush();
    void attestations.flush();
  };

  function look(connection: Connection, now: number): void {
    const { session } = connection;
    if (session.state === 'closed') return lookAtClosed(connection, now);
    if (session.state === 'open') lookAtOpen(connection, session, now);
    else if (now - session.since > settings.helloTimeoutMs) lookAtLate(connection, session);
  }

  /** One that said hello waits for the store. */
  function lookAtLate(connection: Connection, { state }: Greeting | Verifying): void {
    if (state === 'greeting') return fail(connection, 'hello_timeout', 'The connection said no hello in time.');
    fail(connection, 'unavailable', 'The relay could not look up this session in time. Connect again to try again.');
  }

  function lookAtClosed(connection: Connection, now: number): void {
    connection.closingSince ??= now;
    if (now - connection.closingSince > closeGraceMs) connection.ws.terminate();
  }

  function lookAtOpen(connection: Connection, session: OpenSession, now: number): void {
    if (connection.stalledFor(now) > settings.stalledAfterMs) {
      return fail(connection, 'too_slow', 'The connection took nothing of what waits for it. Connect again to go on.');
    }
    if (!connection.ws.isPaused && now - connection.heardAt > settings.deadAfterMs) {
      fail(connection, 'heartbeat_timeout', 'The connection was silent for too long.');
      return connection.ws.terminate();
    }
    if (session.feed && now - session.since > syncGraceMs) feeder.stopWaiting(session);
    if (now - session.touchedAt < touchEveryMs) return;
    session.touchedAt = now;
    lastSeen.note(session.user, session.device, clock());
  }
}

function fail(connection: Connection, code: ErrorCode, message: string): void {
  connection.fail(new ParleyError(code, { message }));
}

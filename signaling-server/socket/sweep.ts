/** Looks at connections once a second, in place of timers for each: who is silent, who is stuck, who is leaving. */
import { ParleyError, type ErrorCode } from '../../protocol/index.ts';
import type { Attestations } from '../relay/attestations.ts';
import type { Feeder } from '../relay/feeder.ts';
import type { LastSeen } from '../relay/last-seen.ts';
import type { RelayParts } from '../relay/relay-parts.ts';
import type { Greeting, OpenSession, Verifying } from '../relay/session.ts';
import type { Connection } from './connection.ts';
import type { LookList } from './look-list.ts';

/** How long a device may take to say what it holds before live messages start without it. */
const syncGraceMs = 1_000;
/**
 * Who was told something is to be heard of soon, however rare heartbeats are: what was told and never arrives keeps the
 * system's own look at the link (server.ts) from ending it.
 */
const askAfterMs = 12_000;
const deafAfterMs = 26_000;
/** How long a closing socket may take. */
const closeGraceMs = 5_000;
/** The store hears of a device that stays connected every so often, so that a crash forgets little. */
const touchEveryMs = 300_000;
const nextRound = 0;

interface SweepDeps {
  readonly connections: LookList<Connection>;
  readonly feeder: Pick<Feeder, 'retry' | 'stopWaiting'>;
  readonly lastSeen: Pick<LastSeen, 'note' | 'flush'>;
  readonly attestations: Pick<Attestations, 'flush'>;
}

export function createSweep(
  { settings, clock, uptime }: Pick<RelayParts, 'settings' | 'clock' | 'uptime'>,
  { connections, feeder, lastSeen, attestations }: SweepDeps,
) {
  return (): void => {
    const now = uptime();
    connections.round(now, (connection) => look(connection, now));
    feeder.retry();
    void lastSeen.flush();
    void attestations.flush();
  };

  /** @returns when it has to be looked at again, unless something happens to it. */
  function look(connection: Connection, now: number): number {
    const { session } = connection;
    if (session.state === 'open') return lookAtOpen(connection, session, now);
    if (session.state === 'closed') lookAtClosed(connection, now);
    else if (now - session.since > settings.helloTimeoutMs) lookAtLate(connection, session);
    return nextRound;
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

  function lookAtOpen(connection: Connection, session: OpenSession, now: number): number {
    const stalledFor = connection.stalledFor(now);
    if (stalledFor > settings.stalledAfterMs) {
      fail(connection, 'too_slow', 'The connection took nothing of what waits for it. Connect again to go on.');
      return nextRound;
    }
    if (isDead(connection, now)) {
      fail(connection, 'heartbeat_timeout', 'The connection was silent for too long.');
      connection.ws.terminate();
      return nextRound;
    }
    if (session.feed && now - session.since > syncGraceMs) feeder.stopWaiting(session);
    if (now - session.touchedAt >= touchEveryMs) {
      session.touchedAt = now;
      lastSeen.note(session.user, session.device, clock());
    }
    const isRestless = session.feed !== null || connection.told || stalledFor > 0 || connection.ws.isPaused;
    return isRestless
      ? nextRound
      : Math.min(connection.heardAt + settings.deadAfterMs, session.touchedAt + touchEveryMs);
  }

  function isDead(connection: Connection, now: number): boolean {
    // Nothing is read of one that takes nothing: it is not silent.
    if (connection.ws.isPaused) return false;
    if (now - connection.heardAt > settings.deadAfterMs) return true;
    if (!connection.told) return false;
    connection.toldSince ??= now;
    const deafFor = now - connection.toldSince;
    if (deafFor > askAfterMs) connection.ask();
    return deafFor > deafAfterMs;
  }
}

function fail(connection: Connection, code: ErrorCode, message: string): void {
  connection.fail(new ParleyError(code, { message }));
}

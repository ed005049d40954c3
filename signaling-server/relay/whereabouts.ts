/** Finds out who is there right now: on this node, or on any other. */
import type { Presence, UserId } from '../../protocol/index.ts';
import type { Subject } from '../ports/bus.ts';
import type { LastSeen } from './last-seen.ts';
import { isAway } from '../runtime/is-away.ts';
import type { People } from './people.ts';
import type { RelayParts } from './relay-parts.ts';

export interface Whereabouts {
  /** Those of them who are online; null when other nodes cannot be asked. Never rejects. */
  online(users: readonly UserId[]): Promise<ReadonlySet<UserId> | null>;
  /** How they are, in their order; `unknown` where other nodes cannot be asked. Never rejects. */
  of(users: readonly UserId[]): Promise<Presence[]>;
}

export function createWhereabouts(
  { bus, clock, log }: Pick<RelayParts, 'bus' | 'clock' | 'log'>,
  people: Pick<People, 'get'>,
  lastSeen: Pick<LastSeen, 'of'>,
): Whereabouts {
  const isHere = (user: UserId): boolean => (people.get(user)?.sessions.length ?? 0) > 0;

  async function online(users: readonly UserId[]): Promise<ReadonlySet<UserId> | null> {
    const away = users.filter((user) => !isHere(user));
    if (away.length === 0) return new Set(users);
    try {
      const found = await bus.subscribed(away.map((user): Subject => `user:${user}`));
      return new Set(users.filter((user) => isHere(user) || found.has(`user:${user}`)));
    } catch (error) {
      log.debug('presence.unknown', { users: away.length, reason: error instanceof Error ? error.message : 'none' });
      return null;
    }
  }

  async function timesOf(users: readonly UserId[]): Promise<Map<UserId, number>> {
    if (users.length === 0) return new Map();
    return lastSeen.of(users).catch((error: unknown) => {
      if (!isAway(error)) log.warn('presence.times_unknown', { error });
      return new Map<UserId, number>();
    });
  }

  return {
    online,
    async of(users) {
      const found = await online(users);
      const isOnline = (user: UserId): boolean => found?.has(user) ?? isHere(user);
      const times = await timesOf(users.filter((user) => !isOnline(user)));
      const now = clock();
      return users.map((user) => {
        if (isOnline(user)) return { user, online: true, lastActiveAt: now };
        const at = times.get(user);
        // A clock that was ahead has left times that are still to come.
        const lastActiveAt = at === undefined ? null : Math.min(at, now);
        return { user, online: false, lastActiveAt, ...(found === null ? { unknown: true as const } : {}) };
      });
    },
  };
}

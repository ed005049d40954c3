/** Who of the people on screen is online; nothing is known while there is no connection. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { PresenceView } from '../../../bridge/views.ts';
import type { ClientFrame, Presence, UserId } from '../../../protocol/index.ts';
import type { EventHub } from '../runtime/event-hub.ts';

export interface PresenceWatch {
  /** Replaces the list. @returns what is known now. */
  watch(users: readonly UserId[]): PresenceView[];
  /** A new link: asks again. */
  up(): void;
  /** Whether the person is known to be there; only for those who are watched. */
  isOnline(user: UserId): boolean;
  take(users: readonly Presence[]): void;
  /** The link is gone: everybody is unknown, with the last time they were seen. */
  down(): void;
}

interface PresenceDeps {
  readonly pages: EventHub<EngineContract>;
  readonly send: (frame: ClientFrame) => void;
}

export function createPresenceWatch({ pages, send }: PresenceDeps): PresenceWatch {
  let watched: UserId[] = [];
  let known = new Map<UserId, PresenceView>();

  const viewOf = (user: UserId): PresenceView => known.get(user) ?? { user, state: 'unknown', lastActiveAt: null };

  return {
    watch(users) {
      const wanted = [...new Set(users)];
      const isSame = wanted.length === watched.length && wanted.every((user) => watched.includes(user));
      watched = wanted;
      known = new Map([...known].filter(([user]) => wanted.includes(user)));
      if (!isSame) send({ type: 'watch', users: wanted });
      return wanted.map(viewOf);
    },
    up() {
      if (watched.length > 0) send({ type: 'watch', users: watched });
    },
    isOnline: (user) => known.get(user)?.state === 'online',
    take(users) {
      const views = users
        .filter(({ user }) => watched.includes(user))
        .map(({ user, online, lastActiveAt, unknown }): PresenceView => ({
          user,
          state: online ? 'online' : unknown ? 'unclear' : 'offline',
          lastActiveAt,
        }));
      for (const view of views) known.set(view.user, view);
      if (views.length > 0) pages.emit('presence.changed', views);
    },
    down() {
      known = new Map([...known].map(([user, view]) => [user, { ...view, state: 'unknown' }]));
      if (known.size > 0) pages.emit('presence.changed', [...known.values()]);
    },
  };
}

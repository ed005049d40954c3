/** A store that is some milliseconds away, asked less often: what nodes ask for most is remembered for a short while. */
import type { Conversation, ConversationId, Profile, UserId } from '../../../protocol/index.ts';
import type { Bus } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RelayMetrics } from '../../ports/metrics.ts';
import type { Store } from '../../ports/store.ts';
import { createCachedAccounts } from './cached-accounts.ts';
import { createCachedConversations, type KnownContacts } from './cached-conversations.ts';
import { createCachedDevices, type KnownToken } from './cached-devices.ts';
import { createCachedLog } from './cached-log.ts';
import { Remembered } from './remembered.ts';
import { Staleness } from './staleness.ts';

export interface CacheDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly metrics: Pick<RelayMetrics, 'gauge'>;
  /** For how long an answer may be wrong when no node tells that something changed. */
  readonly lifeMs: number;
}

/** What the parts of the cache share. */
export interface CacheParts {
  readonly staleness: Staleness;
  readonly tokens: Remembered<KnownToken>;
  readonly profiles: Remembered<Profile>;
  readonly conversations: Remembered<Conversation>;
  readonly contacts: Remembered<KnownContacts>;
  /** Forgets, here and on all other nodes. */
  forget(what: { readonly user?: UserId; readonly conversation?: ConversationId }): void;
}

/** About 500 bytes each, and up to twice as many. */
const size = 50_000;
/** Who may come in is not believed for longer, whatever happens. */
const tokenLifeAwayMs = 60_000;
/** Names and memberships hardly change; what is shown late is corrected when the store is back. */
const lifeAwayMs = 3_600_000;

export function createCachedStore(store: Store, { bus, clock, metrics, lifeMs }: CacheDeps): Store {
  const staleness = new Staleness();
  const common = { size, lifeMs, clock, staleness };
  const tokens = new Remembered<KnownToken>({
    ...common,
    lifeAwayMs: tokenLifeAwayMs,
    nameOf: ({ device }) => device.user,
  });
  const profiles = new Remembered<Profile>({ ...common, lifeAwayMs, nameOf: ({ id }) => id });
  const conversations = new Remembered<Conversation>({ ...common, lifeAwayMs, nameOf: ({ id }) => id });
  const contacts = new Remembered<KnownContacts>({ ...common, lifeAwayMs, nameOf: ({ user }) => user });
  showHitRates(metrics, { tokens, profiles, conversations, contacts });

  const unsubscribe = bus.subscribe('nodes', (note) => {
    if (note.type !== 'stale') return;
    if (note.user !== undefined) staleness.drop(note.user);
    if (note.conversation !== undefined) staleness.drop(note.conversation);
  });
  const unwatch = bus.onLoss(() => staleness.dropAll());

  function forget({ user, conversation }: { user?: UserId; conversation?: ConversationId }): void {
    if (user !== undefined) staleness.drop(user);
    if (conversation !== undefined) staleness.drop(conversation);
    bus.publish('nodes', { type: 'stale', user, conversation });
  }

  const parts: CacheParts = { staleness, tokens, profiles, conversations, contacts, forget };
  return {
    ...store,
    accounts: createCachedAccounts(store.accounts, parts),
    devices: createCachedDevices(store.devices, parts),
    conversations: createCachedConversations(store.conversations, parts),
    log: createCachedLog(store.log, parts),
    ping: () => store.ping(),
    async close() {
      unsubscribe();
      unwatch();
      for (const cache of [tokens, profiles, conversations, contacts]) cache.close();
      await store.close();
    },
  };
}

function showHitRates(
  metrics: Pick<RelayMetrics, 'gauge'>,
  caches: Pick<CacheParts, 'tokens' | 'profiles' | 'conversations' | 'contacts'>,
): void {
  for (const [name, cache] of Object.entries(caches)) {
    const help = `Share of questions about ${name} that the store was spared.`;
    metrics.gauge(`parley_cache_${name}_hit_ratio`, help, () => cache.hitRate);
  }
}

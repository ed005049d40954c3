/** A store that is read and not written, for a relay that goes on serving what is there while it is being moved. */
import { ParleyError, type Conversation, type UserId } from '../../../protocol/index.ts';
import type { ConversationStore, DeviceStore, Store } from '../../ports/store.ts';

/** Long enough that waiting devices do not keep the relay busy, short enough that people hardly wait after the move. */
const retryAfterMs = 15_000;

function refuse(): never {
  throw new ParleyError('unavailable', {
    message: 'The relay is moving to another place. What you send is kept on this device and sent later.',
    retryAfterMs,
  });
}

/** Asynchronous, so that a caller sees a rejection and never a throw. */
const refused = (): Promise<never> => Promise.resolve().then(refuse);
/** For what devices say again by themselves: cursors at the next connection, links and times of last use in a while. */
const passedOver = (): Promise<void> => Promise.resolve();

export function createReadOnlyStore(store: Store): Store {
  return {
    ...store,
    accounts: { ...store.accounts, create: refused, update: refused },
    devices: readOnlyDevices(store.devices),
    invites: { ...store.invites, create: refused, revoke: refused },
    conversations: readOnlyConversations(store.conversations),
    log: { ...store.log, append: refused },
    blobs: {
      ...store.blobs,
      share: refused,
      begin: refused,
      touch: passedOver,
      complete: refused,
      release: refused,
      abandon: refused,
      settleRemoval: passedOver,
    },
    chains: { ...store.chains, keep: passedOver, attest: passedOver },
    ping: () => store.ping(),
    close: () => store.close(),
  };
}

function readOnlyDevices(devices: DeviceStore): DeviceStore {
  return {
    ...devices,
    create: refused,
    revoke: refused,
    touch: passedOver,
    /** The device brings its generation again at its next connection. */
    async raiseGeneration(device, generation) {
      return Math.max((await devices.byId(device))?.generation ?? 0, generation);
    },
  };
}

function readOnlyConversations(conversations: ConversationStore): ConversationStore {
  return {
    ...conversations,
    async openDirect({ members }) {
      const known = (await conversations.listOf(members[0])).find((each) => isDirectOf(each, members));
      return known ? { conversation: known, created: false } : refuse();
    },
    async advance(moves) {
      return moves.map(() => null);
    },
  };
}

function isDirectOf({ kind, cursors }: Conversation, members: readonly UserId[]): boolean {
  const wanted = new Set(members);
  return kind === 'direct' && cursors.length === wanted.size && cursors.every(({ user }) => wanted.has(user));
}

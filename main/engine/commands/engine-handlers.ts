/** Every command of the engine's contract, joined to what carries it out. */
import type { CommandName, Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { AccountHolder } from '../account/account-holder.ts';
import { login, register } from '../account/session.ts';
import type { Workspace } from '../account/workspace.ts';
import type { Data } from '../data/create-data.ts';
import { createAccountCommands } from './account-commands.ts';
import { createChangeCommands } from './change-commands.ts';
import { createConversationCommands } from './conversation-commands.ts';
import { createMediaCommands } from './media-commands.ts';
import { createMessageCommands } from './message-commands.ts';
import { createSafekeepingCommands } from './safekeeping-commands.ts';
import { createSyncCommands } from './sync-commands.ts';
import { createTransferCommands } from './transfer-commands.ts';

type All = Handlers<EngineContract>;
type SessionCommand =
  | 'relay.check'
  | 'session.get'
  | 'session.register'
  | 'session.login'
  | 'session.logout'
  | 'connection.get'
  | 'connection.retry'
  | 'data.job'
  | 'data.cancel';
type WorkspaceCommands = Omit<All, Exclude<SessionCommand, `connection.${string}`>>;

export function createEngineHandlers(holder: AccountHolder, data: Pick<Data, 'engine'>): All {
  const commandsOf = cachedBy((workspace: Workspace): WorkspaceCommands => {
    const messages = createMessageCommands(workspace);
    return {
      ...createAccountCommands(workspace, holder.tellSession),
      ...createConversationCommands(workspace),
      ...messages,
      ...createChangeCommands(workspace, messages['messages.discard']),
      ...createMediaCommands(workspace),
      ...createSafekeepingCommands(workspace),
      ...createSyncCommands(workspace),
      ...createTransferCommands(workspace, messages['messages.retry']),
    };
  });
  const here = () => commandsOf(holder.workspace());

  return explaining(holder, {
    'relay.check': ({ address }) => holder.checkRelay(address),
    'session.get': () => holder.view(),
    'session.register': (input) => holder.signIn((deps) => register(deps, input)),
    'session.login': (input) => holder.signIn((deps) => login(deps, input)),
    'session.logout': ({ erase }) => holder.signOut(erase),
    'connection.get': () => holder.current()?.connection.view() ?? { state: 'offline' },
    'connection.retry': () => holder.current()?.connection.retry(),
    ...data.engine,

    'account.update': (input) => here()['account.update'](input),
    'account.change-password': (input) => here()['account.change-password'](input),
    'devices.list': (input) => here()['devices.list'](input),
    'devices.revoke': (input) => here()['devices.revoke'](input),
    'devices.new': (input) => here()['devices.new'](input),
    'devices.acknowledge': (input) => here()['devices.acknowledge'](input),
    'people.search': (input) => here()['people.search'](input),
    'conversations.start': (input) => here()['conversations.start'](input),
    'conversations.list': (input) => here()['conversations.list'](input),
    'conversations.get': (input) => here()['conversations.get'](input),
    'conversations.mark-read': (input) => here()['conversations.mark-read'](input),
    'conversations.notes': (input) => here()['conversations.notes'](input),
    'conversations.pin': (input) => here()['conversations.pin'](input),
    'conversations.mute': (input) => here()['conversations.mute'](input),
    'sync.status': (input) => here()['sync.status'](input),
    'sync.check': (input) => here()['sync.check'](input),
    'safekeeping.get': (input) => here()['safekeeping.get'](input),
    'safekeeping.set': (input) => here()['safekeeping.set'](input),
    'messages.page': (input) => here()['messages.page'](input),
    'messages.send': (input) => here()['messages.send'](input),
    'messages.edit': (input) => here()['messages.edit'](input),
    'messages.delete': (input) => here()['messages.delete'](input),
    'messages.react': (input) => here()['messages.react'](input),
    'messages.retry-change': (input) => here()['messages.retry-change'](input),
    'messages.discard-change': (input) => here()['messages.discard-change'](input),
    'messages.retry': (input) => here()['messages.retry'](input),
    'messages.discard': (input) => here()['messages.discard'](input),
    'messages.search': (input) => here()['messages.search'](input),
    'media.limits': (input) => here()['media.limits'](input),
    'media.stage': (input) => here()['media.stage'](input),
    'media.unstage': (input) => here()['media.unstage'](input),
    'media.send': (input) => here()['media.send'](input),
    'media.seen': (input) => here()['media.seen'](input),
    'media.list': (input) => here()['media.list'](input),
    'media.settings': (input) => here()['media.settings'](input),
    'media.set-settings': (input) => here()['media.set-settings'](input),
    'storage.usage': (input) => here()['storage.usage'](input),
    'storage.free': (input) => here()['storage.free'](input),
    'transfers.start': (input) => here()['transfers.start'](input),
    'transfers.pause': (input) => here()['transfers.pause'](input),
    'transfers.cancel': (input) => here()['transfers.cancel'](input),
    'transfers.list': (input) => here()['transfers.list'](input),
    'transfers.clear': (input) => here()['transfers.clear'](input),
    'drafts.set': (input) => here()['drafts.set'](input),
    'typing.set': (input) => here()['typing.set'](input),
    'presence.watch': (input) => here()['presence.watch'](input),
  });
}

/** Every failure passes the holder, which notices when storing is what failed. */
function explaining(holder: AccountHolder, handlers: All): All {
  const wrapped = Object.entries(handlers).map(([name, handle]) => [
    name,
    async (input: never) => {
      try {
        return await (handle as All[CommandName<EngineContract>])(input);
      } catch (error) {
        throw holder.explain(error);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as All;
}

function cachedBy<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

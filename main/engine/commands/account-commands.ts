/** What the screens ask about the account, its devices, and the connection. */
import type { Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import { notSignedIn } from '../account/session.ts';
import type { Workspace } from '../account/workspace.ts';

type AccountCommands = Pick<
  Handlers<EngineContract>,
  | 'account.update'
  | 'account.change-password'
  | 'devices.list'
  | 'devices.revoke'
  | 'devices.new'
  | 'devices.acknowledge'
  | 'connection.get'
  | 'connection.retry'
>;

/** @param onAccountChanged tells the screens of the new account. */
export function createAccountCommands(workspace: Workspace, onAccountChanged: () => void): AccountCommands {
  const { api, connection, store, devices } = workspace;
  return {
    async 'account.update'(input) {
      const account = await api.updateAccount(input);
      const { id, username, displayName, email, phone } = account;
      if (workspace.record().account.id !== id) throw notSignedIn();
      workspace.updateRecord({ ...workspace.record(), account });
      store.transact(() => void store.people.save({ id, username, displayName }));
      onAccountChanged();
      return { id, username, displayName, email, phone };
    },
    'account.change-password': (input) => api.changePassword(input),
    'devices.list': () => api.devices(),
    async 'devices.revoke'({ device }) {
      await api.revokeDevice(device);
      devices.look();
    },
    'devices.new': () => devices.news(),
    'devices.acknowledge': (input) => devices.acknowledge(input.devices),
    'connection.get': () => connection.view(),
    'connection.retry': () => connection.retry(),
  };
}

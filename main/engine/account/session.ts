/** Logging in and out: which account is open, and what is remembered of the one before. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ParsedInputOf } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { FaultView, RelayView, SessionView } from '../../../bridge/views.ts';
import { ParleyError, type Session as RelaySession, type UserId } from '../../../protocol/index.ts';
import { createRelayApi, createSessionApi } from '../connection/relay-api.ts';
import { checkRelay } from '../connection/relay-check.ts';
import type { EngineDeps } from '../options.ts';
import type { AccountRecord, ProfileStore } from '../storage/profile-store.ts';

export type LoginInput = ParsedInputOf<EngineContract, 'session.login'>;
export type RegisterInput = ParsedInputOf<EngineContract, 'session.register'>;

/** What the relay gave for a log-in; `token` goes to the host's safe place, the rest to the profile. */
export interface SignedIn {
  readonly record: AccountRecord;
  readonly token: string;
}

const logoutTimeoutMs = 4_000;

export async function login(deps: EngineDeps, { address, username, password }: LoginInput): Promise<SignedIn> {
  const relay = await checkRelay(deps.http, address);
  return signedIn(
    relay,
    await createRelayApi(deps.http, relay.address).login({ username, password, device: deps.device }),
  );
}

export async function register(deps: EngineDeps, { address, ...input }: RegisterInput): Promise<SignedIn> {
  const relay = await checkRelay(deps.http, address);
  return signedIn(relay, await createRelayApi(deps.http, relay.address).register({ ...input, device: deps.device }));
}

function signedIn(relay: RelayView, { account, device, token }: RelaySession): SignedIn {
  const { address, id, name, directory } = relay;
  return { record: { address, relay: { id, name, directory }, account, device, generation: 0 }, token };
}

/** Tells the relay that the session is over. Being offline is no reason to stay logged in here. */
export async function endSession(deps: EngineDeps, record: AccountRecord, token: string): Promise<void> {
  try {
    await createSessionApi(deps.http, record.address, token).logout(logoutTimeoutMs);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    deps.log.info('session.logout_unheard', { code: error.code });
  }
}

/** Within the data folder. */
export const accountsFolder = 'accounts';

/** One folder per relay and user, so that histories never mix. */
export function accountFolder(dataDir: string, relay: string, user: UserId): string {
  const name = createHash('sha256').update(`${relay}:${user}`).digest('hex').slice(0, 32);
  return join(dataDir, accountsFolder, name);
}

export function folderOf(dataDir: string, { relay, account }: AccountRecord): string {
  return accountFolder(dataDir, relay.id, account.id);
}

export async function eraseHistory(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

export function sessionView(profile: ProfileStore): SessionView {
  const record = profile.account();
  if (!record) return { state: 'signed-out', ...profile.signedOut() };
  const { id, username, displayName, email, phone } = record.account;
  const { address, relay, device } = record;
  return {
    state: 'signed-in',
    account: { id, username, displayName, email, phone },
    device,
    relay: { address, name: relay.name, directory: relay.directory },
  };
}

export function notSignedIn(): ParleyError {
  return new ParleyError('unauthenticated', { message: 'Log in first.' });
}

export function alreadySignedIn(): ParleyError {
  return new ParleyError('bad_request', {
    message: 'Somebody is logged in here already. Log out first, or use another profile.',
  });
}

export function damagedNotice(file: string, complete: boolean): FaultView {
  const kept = complete
    ? 'Messages that wait to be sent and drafts were kept.'
    : 'Messages that waited to be sent could not all be saved.';
  return {
    code: 'storage_damaged',
    message: `The history on this computer was damaged. It was set aside as ${file} and is fetched again from the relay. ${kept}`,
  };
}

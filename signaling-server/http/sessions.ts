/** Logging a device in and out. */
import { Hono } from 'hono';
import { loginSchema, ParleyError, usernameSchema, type DeviceId, type LoginRequest } from '../../protocol/index.ts';
import type { StoredAccount } from '../ports/store.ts';
import { authenticate } from './authenticate.ts';
import { addressOf } from './client-address.ts';
import { endSessions, openSession } from './device-sessions.ts';
import type { HttpDeps, HttpEnv } from './http-deps.ts';
import { readJson } from './json-body.ts';

/** Mounted at `/v1/sessions`. */
export function sessionRoutes(deps: HttpDeps) {
  return new Hono<HttpEnv>()
    .post('/', async (context) => {
      const address = addressOf(context, deps.clientAddress);
      await deps.limits.logins.take(address);
      const input = await readJson(context, loginSchema);
      const account = await checkPassword(deps, input, address);
      const session = await openSession(deps, account, input.device);
      await assertUnchanged(deps, account, session.device);
      return context.json(session, 201);
    })
    .delete('/current', authenticate(deps.store), async (context) => {
      const { device } = context.var.caller;
      await endSessions(deps, device.user, [device.id]);
      return context.body(null, 204);
    });
}

/** An unknown name costs the same time and gives the same answer as a wrong password. */
async function checkPassword(deps: HttpDeps, input: Required<LoginRequest>, address: string): Promise<StoredAccount> {
  const { limits, store, passwords } = deps;
  const username = usernameSchema.safeParse(input.username).data ?? null;
  const guessed = username ?? input.username.slice(0, 64);
  const guessedFrom = JSON.stringify([guessed, address]);
  await limits.loginFailures.take(guessedFrom);
  await limits.loginFailuresAnywhere.take(guessed);
  const account = username === null ? null : await store.accounts.byUsername(username);
  const right = await passwords.verify(account?.passwordHash ?? null, input.password).catch(async (error: unknown) => {
    await limits.loginFailures.giveBack(guessedFrom);
    await limits.loginFailuresAnywhere.giveBack(guessed);
    throw error;
  });
  if (!right || account === null) {
    throw new ParleyError('wrong_credentials', { message: 'The username or the password is not right.' });
  }
  await limits.loginFailures.forget(guessedFrom);
  await limits.loginFailuresAnywhere.forget(guessed);
  if (account.disabled) {
    throw new ParleyError('account_disabled', { message: "This account is disabled. Ask the relay's admin." });
  }
  return account;
}

/** A password changed, or an account disabled, while this log-in was under way ends it too. */
async function assertUnchanged(deps: HttpDeps, account: StoredAccount, device: DeviceId): Promise<void> {
  const now = await deps.store.accounts.byId(account.id);
  if (now && !now.disabled && now.passwordHash === account.passwordHash) return;
  await endSessions(deps, account.id, [device]);
  throw new ParleyError('wrong_credentials', { message: 'The username or the password is not right.' });
}

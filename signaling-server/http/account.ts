/** The caller's own account: what it says, its profile, its password. */
import { Hono } from 'hono';
import { changePasswordSchema, ParleyError, updateAccountSchema, type UserId } from '../../protocol/index.ts';
import type { StoredAccount } from '../ports/store.ts';
import { authenticate } from './authenticate.ts';
import { endSessions, publicAccount } from './device-sessions.ts';
import type { HttpDeps, HttpEnv } from './http-deps.ts';
import { readJson } from './json-body.ts';

/** Mounted at `/v1/account`. */
export function accountRoutes(deps: HttpDeps) {
  return new Hono<HttpEnv>()
    .use(authenticate(deps.store))
    .get('/', async (context) => {
      const account = await ownAccount(deps, context.var.caller.profile.id);
      return context.json({ account: publicAccount(account) });
    })
    .patch('/', async (context) => {
      const { displayName, email, phone } = await readJson(context, updateAccountSchema);
      const account = await deps.store.accounts.update(context.var.caller.profile.id, {
        ...(displayName !== undefined && { displayName }),
        ...(email !== undefined && { email }),
        ...(phone !== undefined && { phone }),
      });
      if (displayName !== undefined)
        deps.acts.announceProfile({ id: account.id, username: account.username, displayName });
      return context.json({ account: publicAccount(account) });
    })
    .post('/password', async (context) => {
      const { device } = context.var.caller;
      const { current, next, erase = true } = await readJson(context, changePasswordSchema);
      await changePassword(deps, device.user, current, next);
      const others = (await deps.store.devices.listOf(device.user))
        .map(({ id }) => id)
        .filter((id) => id !== device.id);
      await endSessions(deps, device.user, others, { erase });
      return context.body(null, 204);
    });
}

async function changePassword(deps: HttpDeps, user: UserId, current: string, next: string): Promise<void> {
  const guessed = `own password of ${user}`;
  await deps.limits.loginFailures.take(guessed);
  const account = await ownAccount(deps, user);
  if (!(await deps.passwords.verify(account.passwordHash, current))) {
    throw new ParleyError('wrong_credentials', { message: 'The current password is not right.', field: 'current' });
  }
  await deps.limits.loginFailures.forget(guessed);
  await deps.store.accounts.update(user, { passwordHash: await deps.passwords.hash(next) });
}

async function ownAccount(deps: HttpDeps, user: UserId): Promise<StoredAccount> {
  const account = await deps.store.accounts.byId(user);
  if (account === null) throw new ParleyError('unauthenticated', { message: 'This session has ended. Log in again.' });
  return account;
}

/** Making an account. */
import { Hono } from 'hono';
import { createId, ParleyError, registerSchema, type UserId } from '../../protocol/index.ts';
import type { SecretHash } from '../ports/store.ts';
import { addressOf } from './client-address.ts';
import { openSession } from './device-sessions.ts';
import type { HttpDeps, HttpEnv } from './http-deps.ts';
import { readJson } from './json-body.ts';
import { hashSecret, normalizeInviteCode } from './secrets.ts';

/** Mounted at `/v1/accounts`. */
export function accountsRoutes(deps: HttpDeps) {
  return new Hono<HttpEnv>().post('/', async (context) => {
    const { username, password, displayName, email, phone, invite, device } = await readJson(context, registerSchema);
    const inviteHash = redeemed(deps.config.registration, invite);
    await deps.limits.registrations.take(addressOf(context, deps.clientAddress));
    const account = {
      id: createId<UserId>(),
      username,
      displayName,
      email: email ?? null,
      phone: phone ?? null,
      createdAt: deps.now(),
    };
    const passwordHash = await deps.passwords.hash(password);
    await deps.store.accounts.create({ ...account, passwordHash, inviteHash });
    return context.json(await openSession(deps, account, device), 201);
  });
}

/** @throws ParleyError `registration_closed`, `invite_required`. Whether the invite is good, the store says. */
function redeemed(mode: HttpDeps['config']['registration'], invite: string | undefined): SecretHash | undefined {
  if (mode === 'open') return undefined;
  if (mode === 'closed') {
    throw new ParleyError('registration_closed', {
      message: 'This relay takes no new accounts. Ask its admin for one.',
    });
  }
  if (invite === undefined) {
    throw new ParleyError('invite_required', {
      message: "Write the invite code that the relay's admin gave you.",
      field: 'invite',
    });
  }
  return hashSecret(normalizeInviteCode(invite));
}

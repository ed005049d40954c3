/** Registering, logging in and out, devices, profile and password over HTTP. */
import { afterEach, describe, expect, it } from 'vitest';
import { accountAnswerSchema, devicesAnswerSchema, errorBodySchema, sessionSchema } from '../../../protocol/index.ts';
import { createInviteCode, hashSecret } from '../../../signaling-server/http/secrets.ts';
import { goodPassword, login, openApp, registration, type AppUnderTest } from '../../support/relay-app.ts';

let app: AppUnderTest;
afterEach(() => app.close());

describe('registering', () => {
  it('answers with a session whose token works and is stored only as a hash', async () => {
    app = await openApp();
    const { status, body } = await app.ask('POST', '/v1/accounts', { body: registration('Alice') });
    expect(status).toBe(201);
    const session = sessionSchema.parse(body);
    expect(session.account.username).toBe('alice');
    expect(Buffer.from(session.token, 'base64url')).toHaveLength(32);
    const own = await app.ask('GET', '/v1/account', { token: session.token });
    expect(accountAnswerSchema.parse(own.body).account).toEqual(session.account);
    expect(await app.store.devices.byToken(hashSecret(session.token))).not.toBeNull();
  });

  it('names the field that is at fault', async () => {
    app = await openApp();
    await app.register('alice', { email: 'a@example.org', phone: '+49 30 123456' });
    const faults: [Record<string, unknown>, string, string][] = [
      [registration('al'), 'bad_request', 'username'],
      [registration('bob', { password: 'short' }), 'bad_request', 'password'],
      [registration('bob', { displayName: 'evil\u202Ename' }), 'bad_request', 'displayName'],
      [registration('bob', { device: { name: '', platform: 'linux' } }), 'bad_request', 'device.name'],
      [registration('bob', { email: 'nonsense' }), 'bad_request', 'email'],
      [registration('bob', { email: 'bob\u0000@example.org' }), 'bad_request', 'email'],
      [registration('ALICE'), 'username_taken', 'username'],
      [registration('bob', { email: 'A@example.org' }), 'email_taken', 'email'],
      [registration('bob', { phone: '+4930123456' }), 'phone_taken', 'phone'],
    ];
    for (const [body, code, field] of faults) {
      const answer = await app.ask('POST', '/v1/accounts', { body });
      expect(errorBodySchema.parse(answer.body).error).toMatchObject({ code, field });
    }
  });

  it('is refused when registration is closed', async () => {
    app = await openApp({ registration: 'closed' });
    const { status, body } = await app.ask('POST', '/v1/accounts', { body: registration('alice') });
    expect([status, body.error.code]).toEqual([403, 'registration_closed']);
  });

  it('needs an invite that is still good, and uses it up', async () => {
    app = await openApp({ registration: 'invite' });
    const { code, label } = createInviteCode();
    const invite = { label, createdAt: 0, expiresAt: null, uses: 0, maxUses: 1, revoked: false };
    await app.store.invites.create({ ...invite, hash: hashSecret(code) });
    const without = await app.ask('POST', '/v1/accounts', { body: registration('alice') });
    expect(without.body.error).toMatchObject({ code: 'invite_required', field: 'invite' });
    const wrong = await app.ask('POST', '/v1/accounts', { body: registration('alice', { invite: 'wrong' }) });
    expect(wrong.body.error.code).toBe('invite_invalid');
    await app.register('alice', { invite: ` ${code.toUpperCase()} ` });
    const again = await app.ask('POST', '/v1/accounts', { body: registration('bob', { invite: code }) });
    expect(again.body.error.code).toBe('invite_invalid');
  });

  it('does not say whether a name is taken to somebody with a bad invite', async () => {
    app = await openApp({ registration: 'invite' });
    const { code, label } = createInviteCode();
    const invite = { label, createdAt: 0, expiresAt: null, uses: 0, maxUses: 1, revoked: false };
    await app.store.invites.create({ ...invite, hash: hashSecret(code) });
    await app.register('alice', { invite: code });
    const taken = await app.ask('POST', '/v1/accounts', { body: registration('alice', { invite: 'wrong' }) });
    const free = await app.ask('POST', '/v1/accounts', { body: registration('bob', { invite: 'wrong' }) });
    expect(taken.body).toEqual(free.body);
  });
});

describe('logging in', () => {
  it('makes a device of its own each time', async () => {
    app = await openApp();
    const first = await app.register('alice');
    const second = await app.ask('POST', '/v1/sessions', { body: login('Alice') });
    expect(second.status).toBe(201);
    const { devices } = devicesAnswerSchema.parse(
      (await app.ask('GET', '/v1/devices', { token: second.body.token })).body,
    );
    expect(devices.map(({ id, current }) => [id, current])).toEqual(
      expect.arrayContaining([
        [first.device, false],
        [second.body.device, true],
      ]),
    );
  });

  it('answers alike to a wrong password, an unknown name and an impossible name', async () => {
    app = await openApp();
    await app.register('alice');
    const answers = await Promise.all(
      [login('alice', 'wrong password'), login('nobody'), login('no body!')].map((body) =>
        app.ask('POST', '/v1/sessions', { body }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers[0]?.body.error.code).toBe('wrong_credentials');
  });

  it('says that an account is disabled only to who knows its password', async () => {
    app = await openApp();
    const { account } = await app.register('alice');
    await app.store.accounts.update(account.id, { disabled: true });
    expect((await app.ask('POST', '/v1/sessions', { body: login('alice', 'wrong one') })).body.error.code).toBe(
      'wrong_credentials',
    );
    const right = await app.ask('POST', '/v1/sessions', { body: login('alice') });
    expect([right.status, right.body.error.code]).toEqual([403, 'account_disabled']);
  });

  it('takes as long for an unknown name as for a wrong password', async () => {
    app = await openApp();
    await app.register('alice');
    const timed = async (username: string) => {
      const start = performance.now();
      await app.ask('POST', '/v1/sessions', { body: login(username, 'a wrong password') });
      return performance.now() - start;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 12; i++) {
      known.push(await timed('alice'));
      unknown.push(await timed(`nobody-${i}`));
    }
    const ratio = median(known) / median(unknown);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  it('makes room for one device more by ending the session that was away longest', async () => {
    app = await openApp({ maxDevicesPerUser: 2 });
    const first = await app.register('alice');
    await app.ask('POST', '/v1/sessions', { body: login('alice') });
    await app.store.devices.touch([{ device: first.device, user: first.account.id, at: Date.now() + 60_000 }]);
    const third = await app.ask('POST', '/v1/sessions', { body: login('alice') });
    const { devices } = (await app.ask('GET', '/v1/devices', { token: third.body.token })).body;
    expect(devices.map(({ id }: { id: string }) => id).sort()).toEqual([first.device, third.body.device].sort());
  });
});

describe('a session', () => {
  it('ends by logging out, and its sockets are told', async () => {
    app = await openApp();
    const { token, device, account } = await app.register('alice');
    expect((await app.ask('DELETE', '/v1/sessions/current', { token })).status).toBe(204);
    expect((await app.ask('GET', '/v1/account', { token })).body.error.code).toBe('unauthenticated');
    expect(app.told).toEqual([{ act: 'revoked', about: { user: account.id, devices: [device] } }]);
  });

  it('is refused alike for missing, malformed, unknown and revoked tokens', async () => {
    app = await openApp();
    const { token } = await app.register('alice');
    await app.ask('DELETE', '/v1/sessions/current', { token });
    const answers = await Promise.all([
      app.ask('GET', '/v1/devices'),
      app.ask('GET', '/v1/devices', { headers: { authorization: 'Basic abc' } }),
      app.ask('GET', '/v1/devices', { token: 'x'.repeat(43) }),
      app.ask('GET', '/v1/devices', { token }),
      app.ask('GET', '/v1/devices', { token: 'y'.repeat(5_000) }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });

  it('can be ended from another device of the same user only', async () => {
    app = await openApp();
    const alice = await app.register('alice');
    const bob = await app.register('bob');
    expect((await app.ask('DELETE', `/v1/devices/${alice.device}`, { token: bob.token })).body.error.code).toBe(
      'not_found',
    );
    expect((await app.ask('DELETE', '/v1/devices/nonsense', { token: bob.token })).body.error.code).toBe('not_found');
    const second = await app.ask('POST', '/v1/sessions', { body: login('alice') });
    expect((await app.ask('DELETE', `/v1/devices/${alice.device}`, { token: second.body.token })).status).toBe(204);
    const refused = await app.ask('GET', '/v1/account', { token: alice.token });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(refused.body.error.code).toBe('device_revoked');
    expect(app.told.at(-1)).toEqual({
      act: 'revoked to erase',
      about: { user: alice.account.id, devices: [alice.device] },
    });
  });

  it('ended by its own device as one of the list is logged out, not revoked', async () => {
    app = await openApp();
    const { token, device, account } = await app.register('alice');
    expect((await app.ask('DELETE', `/v1/devices/${device}`, { token })).status).toBe(204);
    expect((await app.ask('GET', '/v1/account', { token })).body.error.code).toBe('unauthenticated');
    expect(app.told.at(-1)).toEqual({ act: 'revoked', about: { user: account.id, devices: [device] } });
  });
});

describe('the account', () => {
  it('changes only what is given, and contacts hear of a new display name', async () => {
    app = await openApp();
    const { token, account } = await app.register('alice', { email: 'a@example.org', phone: '+4930123456' });
    await app.ask('PATCH', '/v1/account', { token, body: { email: null } });
    const { body } = await app.ask('PATCH', '/v1/account', { token, body: { displayName: ' Alice  Z ' } });
    expect(body.account).toMatchObject({ displayName: 'Alice  Z', email: null, phone: '+4930123456' });
    expect(app.told).toEqual([
      { act: 'profile', about: { id: account.id, username: 'alice', displayName: 'Alice  Z' } },
    ]);
  });

  it('changes the password only with the present one, and logs out all other devices', async () => {
    app = await openApp();
    const first = await app.register('alice');
    const second = (await app.ask('POST', '/v1/sessions', { body: login('alice') })).body;
    const change = (current: string, next: string) =>
      app.ask('POST', '/v1/account/password', { token: first.token, body: { current, next } });
    expect((await change('not the one', 'a new password')).body.error).toMatchObject({
      code: 'wrong_credentials',
      field: 'current',
    });
    expect((await change(goodPassword, 'short')).body.error).toMatchObject({ code: 'bad_request', field: 'next' });
    expect((await change(goodPassword, 'a new password')).status).toBe(204);
    expect((await app.ask('GET', '/v1/account', { token: first.token })).status).toBe(200);
    expect((await app.ask('GET', '/v1/account', { token: second.token })).body.error.code).toBe('device_revoked');
    expect(app.told.at(-1)).toEqual({
      act: 'revoked to erase',
      about: { user: first.account.id, devices: [second.device] },
    });
    expect((await app.ask('POST', '/v1/sessions', { body: login('alice') })).status).toBe(401);
    expect((await app.ask('POST', '/v1/sessions', { body: login('alice', 'a new password') })).status).toBe(201);
  });
});

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

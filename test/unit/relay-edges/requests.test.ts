/** What the HTTP application does with requests that are wrong, too many, or from where they should not be. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  conversationsAnswerSchema,
  createId,
  errorBodySchema,
  errorTable,
  isErrorCode,
  limits,
  type ConversationId,
  type UserId,
} from '../../../protocol/index.ts';
import { login, openApp, registration, type AppUnderTest } from '../../support/relay-app.ts';

let app: AppUnderTest;
afterEach(() => app.close());

const json = { 'content-type': 'application/json' };

describe('a malformed request', () => {
  it('gets a coded error in the one shape, with the status of the table', async () => {
    app = await openApp();
    const answers = await Promise.all([
      app.ask('POST', '/v1/sessions', { body: '{"username":', headers: json }),
      app.ask('POST', '/v1/sessions', { body: '[]', headers: json }),
      app.ask('POST', '/v1/sessions', { body: 'null', headers: json }),
      app.ask('POST', '/v1/sessions', { body: '', headers: json }),
      app.ask('POST', '/v1/sessions', { body: '"\u0000"', headers: json }),
      app.ask('POST', '/v1/sessions', { body: { username: 7, password: {}, device: [] } }),
      app.ask('POST', '/v1/sessions', {
        body: 'username=alice',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
      app.ask('POST', '/v1/sessions', { body: '{}', headers: { 'content-type': 'text/plain' } }),
      app.ask('GET', '/v1/nothing'),
      app.ask('PUT', '/v1/account'),
      app.ask('GET', '/v1/users/%E0%A4%A'),
      app.ask('GET', '/v1/socket'),
      app.ask('GET', '/'),
    ]);
    for (const { status, body } of answers) {
      const { code } = errorBodySchema.parse(body).error;
      expect(isErrorCode(code) && errorTable[code].http).toBe(status);
      expect(status).toBeLessThan(500);
    }
  });

  it('is refused when its body is not UTF-8', async () => {
    app = await openApp();
    const bytes = Buffer.concat([Buffer.from('{"username":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const { status, body } = await app.ask('POST', '/v1/sessions', { body: bytes, headers: json });
    expect([status, body.error.code]).toEqual([400, 'bad_request']);
  });

  it('is refused by its announced size and by its real size alike', async () => {
    app = await openApp();
    const large = `"${'a'.repeat(limits.httpBodyBytes)}"`;
    const real = await app.ask('POST', '/v1/sessions', { body: large, headers: json });
    const announced = await app.ask('POST', '/v1/sessions', {
      body: '{}',
      headers: { ...json, 'content-length': '104857600' },
    });
    expect([real.status, real.body.error.code]).toEqual([413, 'body_too_large']);
    expect([announced.status, announced.body.error.code]).toEqual([413, 'body_too_large']);
  });

  it('does not reach into the prototypes of objects', async () => {
    app = await openApp();
    const body = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"username":"a"}`;
    await app.ask('POST', '/v1/accounts', { body, headers: json });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('every answer', () => {
  it('forbids caching, framing and sniffing, and allows no other origin', async () => {
    app = await openApp();
    for (const path of ['/v1/relay', '/v1/nothing', '/healthz']) {
      const { headers } = await app.ask('GET', path, { headers: { origin: 'https://elsewhere.example' } });
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('leaves no names, tokens, passwords or search words in the log', async () => {
    app = await openApp();
    const { token } = await app.register('alice', { displayName: 'Secretname' });
    await app.ask('GET', '/v1/users?prefix=searchword', { token });
    await app.ask('GET', '/v1/users/by-name/lookedup', { token });
    await app.ask('POST', '/v1/sessions', { body: login('alice', 'wrongpassword') });
    const log = app.logged.join('\n');
    expect(log).toContain('/v1/users/by-name/:username');
    for (const secret of ['searchword', 'lookedup', 'wrongpassword', 'alice', 'Secretname', token])
      expect(log).not.toContain(secret);
  });
});

describe('limits', () => {
  it('stop one address from trying passwords, and say for how long', async () => {
    app = await openApp({ loginsPerMinute: 2 });
    const tryOnce = (from: string) => app.ask('POST', '/v1/sessions', { body: login('alice'), from });
    await tryOnce('192.0.2.7');
    await tryOnce('192.0.2.7');
    const { status, headers, body } = await tryOnce('192.0.2.7');
    expect([status, body.error.code]).toEqual([429, 'rate_limited']);
    expect(body.error.retryAfterMs).toBeGreaterThan(50_000);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
    expect((await tryOnce('192.0.2.8')).status).toBe(401);
  });

  it('count wrong passwords by name and address, known name or not, and forget them after a right one', async () => {
    app = await openApp({ loginFailuresPerHour: 2 });
    await app.register('alice');
    const wrong = (name: string, from = '192.0.2.7') =>
      app.ask('POST', '/v1/sessions', { body: login(name, 'wrong one'), from });
    for (const name of ['alice', 'nobody']) {
      expect((await wrong(name)).status).toBe(401);
      expect((await wrong(name.toUpperCase())).status).toBe(401);
      expect((await wrong(name)).status).toBe(429);
    }
    const right = () => app.ask('POST', '/v1/sessions', { body: login('alice'), from: '192.0.2.8' });
    expect((await wrong('alice', '192.0.2.8')).status).toBe(401);
    expect((await right()).status).toBe(201);
    expect((await wrong('alice', '192.0.2.8')).status).toBe(401);
    expect((await right()).status).toBe(201);
  });

  it('cannot be passed by many tries at once', async () => {
    app = await openApp({ loginFailuresPerHour: 3 });
    await app.register('alice');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => app.ask('POST', '/v1/sessions', { body: login('alice', 'wrong one') })),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
  });

  it('bound registrations, requests and look-ups', async () => {
    app = await openApp({ registrationsPerHour: 1, lookupsPerMinute: 2, requestsPerMinute: 6 });
    const { token } = await app.register('alice');
    expect((await app.ask('POST', '/v1/accounts', { body: registration('bob') })).status).toBe(429);
    expect((await app.ask('GET', '/v1/users?prefix=al', { token })).status).toBe(200);
    expect((await app.ask('GET', '/v1/users/by-name/bob', { token })).status).toBe(404);
    expect((await app.ask('GET', '/v1/users?prefix=bo', { token })).status).toBe(429);
    expect((await app.ask('GET', '/v1/account', { token })).status).toBe(200);
    expect((await app.ask('GET', '/v1/account', { token })).status).toBe(429);
    expect((await app.ask('GET', '/healthz')).status).toBe(200);
  });

  it('see one IPv6 household as one, and believe a forwarding header only from a trusted proxy', async () => {
    app = await openApp({ loginsPerMinute: 1, trustedProxy: ['10.0.0.0/8'] });
    const status = async (from: string, forwarded?: string) => {
      const headers: Record<string, string> = { ...json };
      if (forwarded !== undefined) headers['x-forwarded-for'] = forwarded;
      return (await app.ask('POST', '/v1/sessions', { body: login('alice'), from, headers: { ...json, ...headers } }))
        .status;
    };
    expect(await status('2001:db8:1:2::1')).toBe(401);
    expect(await status('2001:db8:1:2:ffff::9')).toBe(429);
    expect(await status('2001:db8:1:3::1')).toBe(401);
    expect(await status('192.0.2.9', '198.51.100.1')).toBe(401);
    expect(await status('192.0.2.9', '198.51.100.2')).toBe(429);
    expect(await status('10.1.1.1', '198.51.100.3')).toBe(401);
    expect(await status('10.1.1.1', 'forged, 198.51.100.4, 10.2.2.2')).toBe(401);
    expect(await status('10.1.1.1', 'forged again, 198.51.100.4')).toBe(429);
    expect(await status('::ffff:10.1.1.1', '198.51.100.5')).toBe(401);
  });
});

describe('password checks', () => {
  it('are refused with a time to come back when too many wait', async () => {
    app = await openApp({ passwordQueue: 2 });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => app.ask('POST', '/v1/sessions', { body: login(`nobody-${i}`) })),
    );
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.body.error).toMatchObject({ code: 'unavailable', retryAfterMs: expect.any(Number) });
    expect((await app.ask('POST', '/v1/sessions', { body: login('nobody') })).status).toBe(401);
  });
});

describe('people', () => {
  it('are found by the beginning of a name, by exact name and by id', async () => {
    app = await openApp();
    const alice = await app.register('alice', { displayName: 'Alice Liddell' });
    await app.register('bob');
    const { token } = alice;
    const found = async (path: string) => (await app.ask('GET', path, { token })).body;
    const profile = { id: alice.account.id, username: 'alice', displayName: 'Alice Liddell' };
    expect((await found('/v1/users?prefix=LID')).users).toEqual([profile]);
    expect((await found('/v1/users/by-name/%20Alice')).user).toEqual(profile);
    expect((await found(`/v1/users/${alice.account.id}`)).user).toEqual(profile);
    expect((await found('/v1/users?prefix=')).error).toMatchObject({ code: 'bad_request', field: 'prefix' });
    expect((await found('/v1/users?prefix=a&limit=1000')).error).toMatchObject({ code: 'bad_request', field: 'limit' });
    expect((await found('/v1/users?prefix=%25')).users).toEqual([]);
    expect((await found(`/v1/users/${createId<UserId>()}`)).error.code).toBe('not_found');
  });

  it('cannot be searched when the directory is off, but still be named exactly', async () => {
    app = await openApp({ directory: false });
    const { token } = await app.register('alice');
    expect((await app.ask('GET', '/v1/users?prefix=al', { token })).body.error.code).toBe('directory_off');
    expect((await app.ask('GET', '/v1/users/by-name/alice', { token })).status).toBe(200);
    expect((await app.ask('GET', '/v1/relay')).body.directory).toBe(false);
  });
});

describe('conversations', () => {
  it('are one per pair whoever asks, listed in pages, with the profiles of their members', async () => {
    app = await openApp();
    const people = [];
    for (const name of ['alice', 'bob', 'carol', 'dave']) people.push(await app.register(name));
    const [alice, bob, ...others] = people;
    if (!alice || !bob) throw new Error('unreachable');
    const open = (token: string, user: string) =>
      app.ask('POST', '/v1/conversations', { token, body: { kind: 'direct', with: user } });
    const first = await open(alice.token, bob.account.id);
    const again = await open(bob.token, alice.account.id);
    expect(again.body.conversation.id).toBe(first.body.conversation.id);
    expect(first.body.profiles).toHaveLength(2);
    for (const other of others) await open(alice.token, other.account.id);
    const pageOne = (await app.ask('GET', '/v1/conversations?limit=2', { token: alice.token })).body;
    const pageTwo = (await app.ask('GET', `/v1/conversations?limit=2&after=${pageOne.next}`, { token: alice.token }))
      .body;
    expect([pageOne.conversations.length, pageTwo.conversations.length, pageTwo.next]).toEqual([2, 1, null]);
    expect(conversationsAnswerSchema.parse(pageTwo).profiles).toHaveLength(2);
    expect((await open(alice.token, createId<UserId>())).body.error.code).toBe('not_found');
    expect((await open(alice.token, 'nonsense')).body.error).toMatchObject({ code: 'bad_request', field: 'with' });
  });

  it('are opened under the id that they had, unless it is another one’s', async () => {
    app = await openApp();
    const [alice, bob, carol] = [await app.register('alice'), await app.register('bob'), await app.register('carol')];
    const id = createId<ConversationId>();
    const open = (token: string, user: string, known?: string) =>
      app.ask('POST', '/v1/conversations', {
        token,
        body: { kind: 'direct', with: user, ...(known && { id: known }) },
      });
    expect((await open(alice.token, bob.account.id, id)).body.conversation.id).toBe(id);
    const other = createId<ConversationId>();
    expect((await open(bob.token, alice.account.id, other)).body.conversation.id).toBe(id);
    const taken = (await open(alice.token, carol.account.id, id)).body.conversation;
    expect(taken.id).not.toBe(id);
    expect(taken.cursors).toHaveLength(2);
    expect((await open(carol.token, alice.account.id)).body.conversation.id).toBe(taken.id);
  });
});

describe('metrics', () => {
  it('are there for this machine, not for others nor through a proxy', async () => {
    app = await openApp();
    expect((await app.ask('GET', '/metrics', { from: '127.0.0.1' })).body).toContain('parley_up 1');
    expect((await app.ask('GET', '/metrics', { from: '::1' })).status).toBe(200);
    expect((await app.ask('GET', '/metrics', { from: '192.0.2.1' })).body.error.code).toBe('not_found');
    expect(
      (await app.ask('GET', '/metrics', { from: '127.0.0.1', headers: { 'x-forwarded-for': '192.0.2.1' } })).status,
    ).toBe(404);
  });

  it('are there for others who bring the token', async () => {
    app = await openApp({ metricsToken: 'sesame' });
    expect((await app.ask('GET', '/metrics')).status).toBe(401);
    expect((await app.ask('GET', '/metrics', { token: 'sesam' })).status).toBe(401);
    expect((await app.ask('GET', '/metrics', { token: 'sesame' })).status).toBe(200);
  });
});

/** A user's devices hear of one another: of new ones and of ended sessions; and a revoked one is told to erase itself. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Session } from '../../../protocol/index.ts';
import { helloFrame, openPlainClient, registerAt, type PlainClient } from '../../support/plain-client.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

let relay: TestRelay;
let first: Session;
beforeEach(async () => {
  relay = await startRelay({ config: { maxDevicesPerUser: 3 } });
  first = await registerAt(relay.address, 'alice');
});
afterEach(() => relay.stop());

const password = 'correct horse battery';

async function ask(method: string, path: string, token?: string, body?: unknown): Promise<Response> {
  return fetch(relay.address + path, {
    method,
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function logIn(username = 'alice'): Promise<Session> {
  const body = { username, password, device: { name: 'Laptop', platform: 'test' } };
  return (await (await ask('POST', '/v1/sessions', undefined, body)).json()) as Session;
}

async function open(token: string, features?: string[]): Promise<PlainClient> {
  const client = openPlainClient(relay.address);
  client.send({ ...helloFrame(token), ...(features && { features }) });
  await client.next('welcome');
  client.send({ type: 'sync', have: [], last: true });
  await client.next('synced');
  return client;
}

/** Waits until the relay has said everything up to now. */
async function settled(client: PlainClient): Promise<number> {
  client.send({ type: 'ping' });
  await client.next('pong');
  return client.frames.filter(({ type }) => type === 'devices').length;
}

const codeOf = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { error: { code: string } }).error.code;

it('devices that ask for it are told of a new one and of each that ends, and nobody else is', async () => {
  const other = await registerAt(relay.address, 'bob');
  const second = await logIn();
  const [desk, silent, stranger] = [
    await open(first.token, ['devices', 'something-newer']),
    await open(second.token),
    await open(other.token, ['devices']),
  ];
  const third = await logIn();
  await desk.next('devices');
  expect((await ask('DELETE', '/v1/sessions/current', third.token)).status).toBe(204);
  await desk.next('devices');
  const fourth = await logIn();
  await desk.next('devices');
  expect((await ask('DELETE', `/v1/devices/${fourth.device}`, first.token)).status).toBe(204);
  await desk.next('devices');
  await relay.admin.revokeDevice({ device: second.device });
  await desk.next('devices');
  expect(await settled(desk)).toBe(5);
  expect(await settled(stranger)).toBe(0);
  expect((await silent.closed).code).toBe(4411);
  expect(silent.frames.filter(({ type }) => type === 'devices')).toEqual([]);
});

it('a device that was revoked is told so on its open socket, on the next one and over HTTP, also after a restart', async () => {
  const second = await logIn();
  const socket = await open(second.token);
  expect((await ask('DELETE', `/v1/devices/${second.device}`, first.token)).status).toBe(204);
  expect((await socket.closed).code).toBe(4411);
  expect(socket.frames.at(-1)).toMatchObject({ type: 'error', code: 'device_revoked' });
  const again = openPlainClient(relay.address);
  again.send(helloFrame(second.token));
  expect((await again.closed).code).toBe(4411);
  const refused = await ask('GET', '/v1/account', second.token);
  expect(refused.status).toBe(401);
  expect(await codeOf(refused)).toBe('device_revoked');
  expect((await ask('GET', '/v1/account', first.token)).status).toBe(200);
});

it('a changed password revokes the other devices; the one that changed it goes on', async () => {
  const second = await logIn();
  const [desk, laptop] = [await open(first.token), await open(second.token)];
  const change = { current: password, next: 'another good password' };
  expect((await ask('POST', '/v1/account/password', first.token, change)).status).toBe(204);
  expect((await laptop.closed).code).toBe(4411);
  await settled(desk);
  expect(await codeOf(await ask('GET', '/v1/account', second.token))).toBe('device_revoked');
});

it('a changed password only logs the other devices out when they are not to erase what they keep', async () => {
  const second = await logIn();
  const laptop = await open(second.token);
  const change = { current: password, next: 'another good password', erase: false };
  expect((await ask('POST', '/v1/account/password', first.token, change)).status).toBe(204);
  expect((await laptop.closed).code).toBe(4401);
  expect(await codeOf(await ask('GET', '/v1/account', second.token))).toBe('unauthenticated');
});

it('who logged out, made room for one device more, or got a new password from the admin, is only logged out', async () => {
  const sessions = [first, await logIn(), await logIn(), await logIn()];
  const surplus = await open(sessions[3]?.token ?? '');
  const outOf = async (session: Session | undefined) => codeOf(await ask('GET', '/v1/account', session?.token));
  expect(await outOf(sessions[0])).toBe('unauthenticated');
  expect((await ask('DELETE', '/v1/sessions/current', sessions[1]?.token)).status).toBe(204);
  expect(await outOf(sessions[1])).toBe('unauthenticated');
  expect((await ask('DELETE', `/v1/devices/${sessions[2]?.device}`, sessions[2]?.token)).status).toBe(204);
  expect(await outOf(sessions[2])).toBe('unauthenticated');
  await relay.admin.resetPassword({ username: 'alice', password: 'set by the admin' });
  expect((await surplus.closed).code).toBe(4401);
  expect(await outOf(sessions[3])).toBe('unauthenticated');
});

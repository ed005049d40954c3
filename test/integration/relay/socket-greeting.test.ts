/** How a connection begins, and how it ends when it does not keep to the protocol. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeOne, limits, type ClientFrame } from '../../../protocol/index.ts';
import {
  addConversation,
  addDevice,
  addPerson,
  startRelayCore,
  type RelayCore,
  type TestDevice,
} from '../../support/relay-core.ts';
import { message, type RelayClient } from '../../support/relay-client.ts';
import { announceRevoked } from '../../../signaling-server/relay/announce.ts';

let relay: RelayCore;
let anna: TestDevice;
let ben: TestDevice;

async function start(settings: Parameters<typeof startRelayCore>[0] = {}): Promise<void> {
  relay = await startRelayCore(settings);
  anna = await addPerson(relay.store);
  ben = await addPerson(relay.store);
}
beforeEach(() => start());
afterEach(() => relay.stop());

/** The code that the relay gave as a frame, and the close code after it. */
async function fate(client: RelayClient): Promise<{ code: string | undefined; close: number }> {
  const { code: close } = await client.closed;
  const last = client.frames.at(-1);
  return { code: last?.type === 'error' ? last.code : undefined, close };
}

const hello: ClientFrame = {
  type: 'hello',
  versions: [1],
  token: 'x',
  generation: 0,
  client: { name: 't', version: '0' },
};

describe('a hello', () => {
  it('is welcomed with who one is, the limits and the heartbeat', async () => {
    const client = await relay.connect();
    const welcome = await client.hello(anna.token, 4);
    expect(welcome).toMatchObject({
      version: 1,
      user: anna.profile,
      device: anna.device,
      generation: 4,
      heartbeatMs: 12_000,
      deadAfterMs: 26_000,
    });
    expect(welcome.features).toEqual(['chain']);
    expect(welcome.relay).toEqual({ id: relay.store.relayId, name: 'Test relay', version: '0.0.0' });
    expect(Math.abs(welcome.time - Date.now())).toBeLessThan(5_000);
    const again = await relay.connect();
    expect(await again.hello(anna.token, 1)).toMatchObject({ generation: 4 });
  });

  it('may be followed at once by other frames, in the same message', async () => {
    const client = await relay.connect();
    client.send({ ...hello, token: anna.token }, { type: 'sync', have: [], last: true }, { type: 'ping' });
    await client.next('synced');
    await client.until(() => client.frames.some(({ type }) => type === 'pong'));
    expect(client.frames[0]?.type).toBe('welcome');
  });

  it('with an unknown, a revoked or a disabled token is refused with the same words', async () => {
    await relay.store.devices.revoke(anna.user, [anna.device]);
    await relay.store.accounts.update(ben.user, { disabled: true });
    const answers = [];
    for (const token of ['unknown', anna.token, ben.token]) {
      const client = await relay.connect();
      client.send({ ...hello, token });
      expect(await fate(client)).toEqual({ code: 'unauthenticated', close: 4401 });
      answers.push(client.frames);
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('of a device that was revoked from elsewhere is told so, each time', async () => {
    await relay.store.devices.revoke(anna.user, [anna.device], { erase: true });
    for (let time = 0; time < 2; time++) {
      const client = await relay.connect();
      client.send({ ...hello, token: anna.token });
      expect(await fate(client)).toEqual({ code: 'device_revoked', close: 4411 });
    }
  });

  it('of a version that the relay does not speak is refused', async () => {
    const client = await relay.connect();
    client.send({ ...hello, versions: [99], token: anna.token });
    expect(await fate(client)).toEqual({ code: 'unsupported_version', close: 4426 });
  });
});

describe('a connection is closed with a code, and only that one', () => {
  const cases: [string, (client: RelayClient) => void, string, number][] = [
    ['a frame before hello', (client) => client.send({ type: 'ping' }), 'unexpected_frame', 4409],
    ['text', (client) => client.sendRaw('{"type":"ping"}'), 'bad_frame', 4400],
    ['bytes that are not MessagePack', (client) => client.sendRaw(new Uint8Array([0xc1, 0xc1])), 'bad_frame', 4400],
    ['an empty message', (client) => client.sendRaw(new Uint8Array()), 'bad_frame', 4400],
    ['an unknown frame', (client) => client.sendRaw(encodeOne({ type: 'dance' })), 'bad_frame', 4400],
    ['a frame of wrong types', (client) => client.sendRaw(encodeOne({ ...hello, token: 5 })), 'bad_frame', 4400],
    [
      'a message that is too large',
      (client) => client.sendRaw(new Uint8Array(limits.clientFrameBytes + 1)),
      'frame_too_large',
      4413,
    ],
  ];
  for (const [what, send, code, close] of cases) {
    it(`on ${what}`, async () => {
      const bystander = await relay.hello(ben);
      const client = await relay.connect();
      send(client);
      expect(await fate(client)).toEqual({ code, close });
      bystander.send({ type: 'ping' });
      await bystander.next('pong');
      await expect.poll(() => relay.hub.counts()).toMatchObject({ connections: 1, sessions: 1, greetings: 0 });
    });
  }

  it('on a second hello', async () => {
    const client = await relay.hello(anna);
    client.send({ ...hello, token: anna.token });
    expect(await fate(client)).toEqual({ code: 'unexpected_frame', close: 4409 });
  });

  it('on a message far too large, by the library itself', async () => {
    const client = await relay.connect();
    client.sendRaw(new Uint8Array(3 * limits.clientFrameBytes));
    expect((await client.closed).code).toBe(1009);
  });

  it('when the device is logged out or revoked, or the account disabled', async () => {
    const tablet = await addDevice(relay.store, anna.profile);
    const [client, second, other] = [await relay.hello(anna), await relay.hello(tablet), await relay.hello(ben)];
    announceRevoked(relay.bus, anna.user, [anna.device]);
    expect(await fate(client)).toEqual({ code: 'unauthenticated', close: 4401 });
    announceRevoked(relay.bus, anna.user, [tablet.device], { erase: true });
    expect(await fate(second)).toEqual({ code: 'device_revoked', close: 4411 });
    announceRevoked(relay.bus, ben.user, 'all');
    expect(await fate(other)).toEqual({ code: 'account_disabled', close: 4403 });
  });

  it('when the same device connects anew, and the newer one stays', async () => {
    const older = await relay.hello(anna);
    const newer = await relay.hello(anna);
    expect(await fate(older)).toEqual({ code: 'replaced', close: 4412 });
    newer.send({ type: 'ping' });
    await newer.next('pong');
    expect(relay.hub.counts()).toMatchObject({ sessions: 1, users: 1 });
  });
});

describe('with short settings, a connection is closed', () => {
  it('that says no hello in time', async () => {
    await relay.stop();
    await start({ settings: { helloTimeoutMs: 100 } });
    expect(await fate(await relay.connect())).toEqual({ code: 'hello_timeout', close: 4408 });
  });

  it('that is one too many for its address', async () => {
    await relay.stop();
    await start({ settings: { maxConnectionsPerAddress: 2 } });
    const [one] = [await relay.hello(anna), await relay.hello(ben)];
    expect(await fate(await relay.connect())).toEqual({ code: 'too_many_connections', close: 4430 });
    await one.close();
    await (await relay.hello(anna)).close();
  });

  it('that says hello to nobody while too many others do', async () => {
    await relay.stop();
    await start({ settings: { maxGreetingsPerAddress: 1 } });
    await relay.hello(anna);
    await relay.connect();
    expect(await fate(await relay.connect())).toEqual({ code: 'too_many_connections', close: 4430 });
  });

  it('that sends more frames than a device may', async () => {
    await relay.stop();
    await start({ settings: { framesPerSecond: 1, frameBurst: 5 } });
    const client = await relay.hello(anna);
    for (let count = 0; count < 8; count++) client.send({ type: 'ping' });
    expect(await fate(client)).toEqual({ code: 'flooding', close: 4429 });
  });

  it('that is silent, while one that pings stays', async () => {
    await relay.stop();
    await start({ settings: { deadAfterMs: 1_500 } });
    const [silent, lively] = [await relay.hello(anna), await relay.hello(ben)];
    const pings = setInterval(() => lively.send({ type: 'ping' }), 200);
    expect((await fate(silent)).code).toBe('heartbeat_timeout');
    clearInterval(pings);
    expect(lively.ws.readyState).toBe(lively.ws.OPEN);
  });
});

describe('the relay drains', () => {
  it('by answering what was sent, saying goodbye and closing all, even a socket that does not answer', async () => {
    const conversation = await addConversation(relay.store, anna, ben);
    const [client, deaf] = [await relay.hello(anna), await relay.hello(ben)];
    await client.sync();
    deaf.ws.pause();
    client.send(message(conversation, 'last words'));
    await client.next('accepted');
    const begun = performance.now();
    await relay.hub.drain({ code: 'going_away', message: 'Back soon.', retryAfterMs: 2_000, timeoutMs: 300 });
    expect(performance.now() - begun).toBeLessThan(2_000);
    // Two devices share the two seconds.
    expect(client.frames.at(-1)).toEqual({
      type: 'goodbye',
      code: 'going_away',
      message: 'Back soon.',
      retryAfterMs: 1_000,
    });
    expect(await client.closed).toEqual({ code: 4504, reason: 'Back soon.' });
    expect(relay.hub.counts()).toEqual({ connections: 0, greetings: 0, sessions: 0, users: 0 });
    expect(await fate(await relay.connect())).toEqual({ code: 'going_away', close: 4504 });
  });
});

/** How a node gets in: credentials and certificates, and what the admin is told when they are wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startNats, type NatsServer } from '../../support/nats-server.ts';
import { writeNatsCredentials } from '../../support/nats-credentials.ts';
import { openTestBus, userSubject } from '../../support/nats-bus.ts';
import { writeCertificate } from '../../support/tls-certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-nats-access-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a NATS server that wants credentials', () => {
  const secret = 'a/secret,of&the test';
  const coded = encodeURIComponent(secret);
  let server: NatsServer | null = null;
  afterEach(() => server?.stop());

  it('takes a token, coded as in any address', async () => {
    server = await startNats({ token: secret });
    const { bus } = await openTestBus(`nats://${coded}@127.0.0.1:${server.port}`);
    await expect(bus.ping()).resolves.toBeUndefined();
    await bus.close();
  });

  it('takes a user and a password', async () => {
    server = await startNats({ args: ['--user', 'parley', '--pass', secret] });
    const { bus } = await openTestBus(`nats://parley:${coded}@127.0.0.1:${server.port}`);
    await expect(bus.ping()).resolves.toBeUndefined();
    await bus.close();
  });

  it('takes the signed ones of a file, and no others', async () => {
    const { serverConfig, credentialsFile } = writeNatsCredentials(folder);
    server = await startNats({ args: ['-c', serverConfig] });
    const { bus } = await openTestBus(server.url, { credentialsFile });
    await expect(bus.ping()).resolves.toBeUndefined();
    const { bus: without } = await openTestBus(server.url);
    await expect(without.ping()).rejects.toThrow(/refused the credentials/);
    await Promise.all([bus.close(), without.close()]);
  });

  it('is tried again for ever with wrong ones, and neither log nor error tells them', async () => {
    server = await startNats({ token: 'another' });
    const { bus, logged } = await openTestBus(`nats://${coded}@127.0.0.1:${server.port}`);
    const error: unknown = await bus.ping().catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/refused the credentials.*Check user and password/);
    const described = [error, ...logged].map((what) => describeWhole(what)).join();
    expect(described).toContain('bus.unreachable');
    expect(described).not.toMatch(/secret/);
    await server.stop();
    server = await startNats({ token: secret, port: server.port });
    await vi.waitFor(() => expect(bus.connected).toBe(true), { timeout: 10_000 });
    await bus.close();
  });
});

describe('a NATS server with a certificate', () => {
  const { cert, key } = writeCertificate(folder, 'first');
  const { cert: strange } = writeCertificate(folder, 'second');
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNats({ args: ['--tls', '--tlscert', cert, '--tlskey', key] });
  });
  afterAll(() => server.stop());

  it('is trusted by the CA file', async () => {
    const { bus } = await openTestBus(`tls://localhost:${server.port}`, { caFile: cert });
    const { bus: other } = await openTestBus(`tls://localhost:${server.port}`, { caFile: cert });
    const subject = userSubject();
    other.subscribe(subject, () => {});
    await vi.waitFor(async () => expect((await bus.subscribed([subject])).size).toBe(1));
    await Promise.all([bus.close(), other.close()]);
  });

  it('is not spoken to when it is another', async () => {
    const { bus } = await openTestBus(`tls://localhost:${server.port}`, { caFile: strange });
    expect(bus.connected).toBe(false);
    await expect(bus.ping()).rejects.toThrow(/Check the certificate and the CA file/);
    await bus.close();
  });
});

describe('a NATS server without a certificate', () => {
  it('is not spoken to under tls://', async () => {
    const server = await startNats();
    const { bus } = await openTestBus(`tls://127.0.0.1:${server.port}`);
    expect(bus.connected).toBe(false);
    await expect(bus.ping()).rejects.toThrow(/tls/);
    await bus.close();
    await server.stop();
  });
});

describe('settings that cannot be', () => {
  it('are refused at once, in words that tell no password', async () => {
    const wrong = [
      'http://a',
      'nats://',
      'nats://u:secret@a,nats://u:other@b',
      'nats://secret@a:99999',
      'nats://a/x?y',
    ];
    for (const servers of wrong) {
      const error: unknown = await openTestBus(servers).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'bad_request' });
      expect(describeWhole(error)).not.toMatch(/secret|other/);
    }
    await expect(openTestBus('nats://a', { prefix: 'a.*' })).rejects.toMatchObject({ code: 'bad_request' });
    await expect(openTestBus('nats://a', { credentialsFile: join(folder, 'none') })).rejects.toThrow(/cannot be read/);
  });
});

/** Everything that it says, its causes too. */
function describeWhole(what: unknown): string {
  if (what instanceof Error) return `${what.stack ?? ''} ${describeWhole(what.cause)}`;
  return JSON.stringify(what, (_key, value: unknown) => (value instanceof Error ? describeWhole(value) : value)) ?? '';
}

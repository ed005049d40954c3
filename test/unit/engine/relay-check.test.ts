/** Whatever answers at an address, the person is told in words what is wrong. */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createRawServer, type AddressInfo, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { httpClient } from '../../../main/engine/connection/http-client.ts';
import { networkFault } from '../../../main/engine/connection/network-faults.ts';
import { checkRelay } from '../../../main/engine/connection/relay-check.ts';
import { createId, type RelayId } from '../../../protocol/index.ts';
import { selfSigned } from '../../support/engine-certificates.ts';

const info = {
  product: 'parley-relay',
  id: createId<RelayId>(),
  name: 'Test',
  version: '1.0',
  protocol: [1],
  registration: 'open',
  directory: true,
  time: 0,
};

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const json =
  (status: number, body: unknown): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

test('a relay without TLS on this machine is found without a scheme', async () => {
  const port = await listen(createServer(json(200, info)));
  await expect(checkRelay(httpClient, `127.0.0.1:${port}`)).resolves.toMatchObject({
    address: `http://127.0.0.1:${port}`,
    name: 'Test',
    secure: true,
  });
});

test('with https:// typed, a relay without TLS is refused and the way on is named', async () => {
  const port = await listen(createServer(json(200, info)));
  await expect(checkRelay(httpClient, `https://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'relay_unreachable',
    field: 'address',
    message: expect.stringContaining('http://') as string,
  });
});

test('a self-signed certificate is named, and never stepped around by plain http', async () => {
  const port = await listen(createSecureServer(selfSigned, json(200, info)));
  await expect(checkRelay(httpClient, `localhost:${port}`)).rejects.toMatchObject({
    code: 'certificate_refused',
    message: expect.stringContaining('self-signed') as string,
  });
});

test('nothing at a port, and a name that does not exist', async () => {
  const server = createRawServer();
  const port = await listen(server);
  await new Promise((done) => server.close(done));
  await expect(checkRelay(httpClient, `127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'relay_unreachable',
    message: expect.stringContaining('Nothing answers') as string,
  });
  await expect(checkRelay(httpClient, 'no-such-host.invalid')).rejects.toMatchObject({ code: 'relay_unreachable' });
});

test.each([
  ['another web server', 200, '<html>' as unknown, 'not_a_relay'],
  ['a server without that page', 404, {}, 'not_a_relay'],
  ['a proxy whose relay is away', 502, {}, 'relay_unreachable'],
  ['a relay of another protocol', 200, { ...info, protocol: [99] }, 'unsupported_version'],
  ['a relay that describes itself in another shape', 200, { product: 'parley-relay' }, 'unsupported_version'],
])('%s', async (_what, status, body, code) => {
  const port = await listen(createServer(json(status, body)));
  await expect(checkRelay(httpClient, `http://127.0.0.1:${port}`)).rejects.toMatchObject({ code, field: 'address' });
});

test('a server that is no web server, and one that breaks off', async () => {
  const chatty = await listen(createRawServer((socket) => void socket.end('220 mail.example.org ESMTP\r\n')));
  await expect(checkRelay(httpClient, `http://127.0.0.1:${chatty}`)).rejects.toMatchObject({ code: 'not_a_relay' });
  const rude = await listen(createRawServer((socket) => void socket.destroy()));
  await expect(checkRelay(httpClient, `http://127.0.0.1:${rude}`)).rejects.toMatchObject({ code: 'relay_unreachable' });
});

test('a server that never answers is given up', async () => {
  const port = await listen(createRawServer((socket) => void socket.on('error', () => {})));
  const impatient: typeof httpClient = (request) => httpClient({ ...request, timeoutMs: 100 });
  await expect(checkRelay(impatient, `http://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'relay_unreachable',
    message: expect.stringContaining('in time') as string,
  });
});

test('an endless answer is cut off', async () => {
  const port = await listen(
    createServer((_request, response) => {
      const chunk = Buffer.alloc(256 * 1024, 'x');
      const write = () => void (response.destroyed || response.write(chunk, write));
      response.on('error', () => {});
      write();
    }),
  );
  await expect(checkRelay(httpClient, `http://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'not_a_relay' });
});

test.each([
  ['CERT_HAS_EXPIRED', 'certificate_refused', 'expired'],
  ['CERT_NOT_YET_VALID', 'certificate_refused', 'clock'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate_refused', 'another name'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate_refused', 'authority'],
  ['ENETUNREACH', 'relay_unreachable', 'no network'],
  ['EAI_AGAIN', 'relay_unreachable', 'looked up'],
  ['SOMETHING_NEW', 'relay_unreachable', 'could not be reached'],
])('%s is told as %s with words about it', (code, fault, words) => {
  const told = networkFault(Object.assign(new Error('x'), { code }), 'https://relay.example.org');
  expect(told).toMatchObject({ code: fault, field: 'address' });
  expect(told.message).toContain(words);
});

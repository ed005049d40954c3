/** The entry of the utility process, with the shell's end of its ports in the test's hands. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { engineContract } from '../../../bridge/engine-contract.ts';
import { guestContract, hostContract, type EngineStart } from '../../../bridge/host-contract.ts';
import type { Port } from '../../../bridge/rpc.ts';
import { createRpcClient, serveRpc } from '../../../bridge/rpc.ts';
import { temporaryFolder } from '../../support/engine-client.ts';

type ParentListener = (event: { data: unknown; ports: unknown[] }) => void;

/** Electron's port, made of Node's. */
function electronPort(port: MessagePort) {
  return {
    postMessage: (message: unknown) => port.postMessage(message),
    on: (type: string, listener: (event: { data: unknown }) => void) =>
      type === 'message'
        ? port.on('message', (data) => listener({ data }))
        : port.on('close', () => listener({ data: null })),
    start: () => port.ref(),
    close: () => port.close(),
  };
}

function channel(): [ReturnType<typeof electronPort>, Port] {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port2.close());
  const own: Port = {
    post: (message) => port2.postMessage(message),
    listen: (listener) => void port2.on('message', listener),
    onClose: (listener) => void port2.on('close', listener),
    close: () => port2.close(),
  };
  return [electronPort(port1), own];
}

test('the process takes host, guest and page ports, serves each, and closes when asked', async () => {
  const listeners: ParentListener[] = [];
  Object.assign(process, { parentPort: { on: (_type: string, listener: ParentListener) => listeners.push(listener) } });
  await import('../../../main/engine/process.ts');
  const post = (data: unknown, ports: unknown[]) => listeners.forEach((listener) => listener({ data, ports }));

  const [hostEnd, host] = channel();
  const [guestEnd, guestPort] = channel();
  const [pageEnd, pagePort] = channel();
  const asked: string[] = [];
  const services = {
    'secret.load': () => null,
    'secret.save': () => void asked.push('save'),
    'secret.erase': () => void asked.push('erase'),
    'peer.open': () => void asked.push('peer.open'),
    'peer.close': () => void asked.push('peer.close'),
  };
  serveRpc(hostContract, services, host, () => {});
  const start: EngineStart = {
    type: 'start',
    dataDir: await temporaryFolder(),
    appVersion: '1.2.3',
    deviceName: 'Desk',
    platform: 'linux',
    logLevel: 'info',
  };
  post({ type: 'nonsense' }, []);
  post(start, [hostEnd, guestEnd]);
  post({ type: 'page' }, [pageEnd]);

  const page = createRpcClient(engineContract, pagePort);
  expect(await page.invoke('session.get')).toMatchObject({ state: 'signed-out', reason: 'never' });
  await expect(page.invoke('conversations.list', {})).rejects.toMatchObject({ code: 'unauthenticated' });
  await expect(page.invoke('session.login', { address: '', username: 'a', password: 'b' })).rejects.toMatchObject({
    field: 'address',
  });
  const guest = createRpcClient(guestContract, guestPort);
  await guest.invoke('engine.wake');
  await guest.invoke('engine.close');
});

/**
 * Stands in for the engine in tests of the shell: a real utility process on the real contracts, that does what the test
 * says through the app page's port to the engine, and remembers what it was asked.
 */
import { createHash, type Hash } from 'node:crypto';
import type { EventName } from '../../../bridge/contract.ts';
import { guestContract, hostContract } from '../../../bridge/host-contract.ts';
import { peerContract, type PeerContract } from '../../../bridge/peer-contract.ts';
import { fromElectronPort } from '../../../bridge/ports.ts';
import { createRpcClient, serveRpc, type RpcClient } from '../../../bridge/rpc.ts';
import { createMediaStandIn } from './media.ts';

type ElectronPort = Parameters<typeof fromElectronPort>[0];
interface ParentPort {
  on(type: 'message', listener: (event: { data: { type: string }; ports: ElectronPort[] }) => void): void;
}
const { parentPort } = process as unknown as { parentPort: ParentPort };

const media = createMediaStandIn();
const received = new Map<string, { bytes: number; frames: number; hash: Hash }>();
const peerEvents: { name: string; data: unknown }[] = [];
let pagePortsClosed = 0;
let host: RpcClient<typeof hostContract>;
let peerPort: RpcClient<PeerContract> | null = null;
let onPeerPort = (): void => {};

function peers(): RpcClient<PeerContract> {
  if (!peerPort) throw new Error('There is no peer page.');
  return peerPort;
}

function takePeerPort(port: ElectronPort): void {
  const adapted = fromElectronPort(port);
  const client = createRpcClient(peerContract, adapted);
  port.on('close', () => {
    pagePortsClosed++;
    if (peerPort === client) peerPort = null;
  });
  for (const name of Object.keys(peerContract.events) as EventName<PeerContract>[]) {
    client.on(name, (data) => (name === 'peer.frame' ? countFrame(data as never) : peerEvents.push({ name, data })));
  }
  peerPort = client;
  onPeerPort();
}

function countFrame({ peer, frame }: { peer: string; frame: Uint8Array }): void {
  const counts = received.get(peer) ?? { bytes: 0, frames: 0, hash: createHash('sha256') };
  counts.bytes += frame.byteLength;
  counts.frames++;
  counts.hash.update(frame);
  received.set(peer, counts);
}

async function openPeerPage(): Promise<void> {
  const arrived = new Promise<void>((resolve) => (onPeerPort = resolve));
  await host.invoke('peer.open');
  await arrived;
}

interface FrameOrder {
  readonly peer: string;
  readonly bytes: number;
  readonly count: number;
  readonly anyOrder?: boolean;
}

/** Frames of a pattern, each different from the one before. @returns the hash of all of them. */
async function sendFrames({ peer, bytes, count, anyOrder = false }: FrameOrder): Promise<string> {
  const hash = createHash('sha256');
  for (let index = 0; index < count; index++) {
    const frame = new Uint8Array(bytes).fill(index % 251);
    hash.update(frame);
    await peers().invoke('peer.send', { peer, frame, anyOrder });
  }
  return hash.digest('hex');
}

const acts: Record<string, (input: never) => unknown> = {
  'stand-in.open-peers': openPeerPage,
  'stand-in.close-peers': () => host.invoke('peer.close'),
  'stand-in.peer': ({ name, input }: { name: 'peer.open'; input: never }) => peers().invoke(name, input),
  'stand-in.send': sendFrames,
  'stand-in.peer-events': () => peerEvents,
  'stand-in.ports-closed': () => pagePortsClosed,
  'stand-in.received': ({ peer }: { peer: string }) => {
    const counts = received.get(peer);
    return counts && { bytes: counts.bytes, frames: counts.frames, hash: counts.hash.copy().digest('hex') };
  },
  ...media.acts,
};

interface Call {
  readonly type: string;
  readonly id: number;
  readonly name: string;
  readonly input: never;
}

/** The app page's own calls are refused; it shows that, which is no matter here. */
async function answer({ name, input }: Call): Promise<object> {
  const act = acts[name];
  if (!act) return { ok: false, code: 'unavailable', message: 'This engine only stands in.' };
  try {
    return { ok: true, value: await act(input) };
  } catch (error) {
    const { code = 'internal', message } = error as { code?: string; message: string };
    return { ok: false, code, message };
  }
}

parentPort.on('message', ({ data, ports: [first, second] }) => {
  if (!first) return;
  if (data.type === 'start' && second) {
    host = createRpcClient(hostContract, fromElectronPort(first));
    serveRpc(guestContract, media.handlers, fromElectronPort(second), (name, error) => console.error(name, error));
  } else if (data.type === 'peer') takePeerPort(first);
  else {
    const port = fromElectronPort(first);
    port.listen((message) => {
      const call = message as Call;
      if (call.type === 'call')
        void answer(call).then((result) => port.post({ type: 'answer', id: call.id, answer: result }));
    });
  }
});

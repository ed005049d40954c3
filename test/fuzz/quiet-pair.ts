/** Two people who just chat: every message must arrive, in order, and soon, whatever others do to the relay. */
import { WebSocket } from 'ws';
import {
  createId,
  decodeRelayFrames,
  encodeClientFrame,
  joinFrames,
  type ClientFrame,
  type ConversationId,
  type MessageId,
  type RelayFrame,
} from '../../protocol/index.ts';
import { helloFrame } from '../support/plain-client.ts';

export interface QuietPair {
  /** Milliseconds from sending to arriving, of each message so far. */
  readonly latencies: readonly number[];
  readonly faults: readonly string[];
  stop(): Promise<void>;
}

const everyMs = 20;

export async function startQuietPair(
  address: string,
  tokens: readonly [string, string],
  conversation: ConversationId,
): Promise<QuietPair> {
  const latencies: number[] = [];
  const faults: string[] = [];
  const sentAt = new Map<MessageId, number>();
  const sender = await join(address, tokens[0], (frame) => {
    if (frame.type === 'refused') faults.push(`a quiet message was refused: ${frame.code}`);
  });
  const reader = await join(address, tokens[1], (frame) => {
    if (frame.type !== 'deliver' || frame.conversation !== conversation) return;
    for (const { id } of frame.messages) arrive(id);
  });
  for (const { closed } of [sender, reader])
    void closed.then((code) => stopped || faults.push(`a quiet socket was closed: ${code}`));
  let stopped = false;
  const timer = setInterval(() => {
    const id = createId<MessageId>();
    sentAt.set(id, performance.now());
    sender.send({ type: 'send', conversation, id, epoch: 0, payload: new Uint8Array([0, 1, 2]) });
  }, everyMs);
  const heartbeat = setInterval(() => reader.send({ type: 'ping' }), 5_000);

  function arrive(id: MessageId): void {
    const [first] = sentAt.keys();
    if (first !== id) faults.push('a quiet message came out of order or twice');
    latencies.push(performance.now() - (sentAt.get(id) ?? 0));
    sentAt.delete(id);
  }

  return {
    latencies,
    faults,
    async stop() {
      clearInterval(timer);
      clearInterval(heartbeat);
      const until = performance.now() + 10_000;
      while (sentAt.size > 0 && performance.now() < until) await new Promise((done) => setTimeout(done, 10));
      if (sentAt.size > 0) faults.push(`${sentAt.size} quiet messages never arrived`);
      stopped = true;
      sender.close();
      reader.close();
    },
  };
}

async function join(address: string, token: string, onFrame: (frame: RelayFrame) => void) {
  const ws = new WebSocket(`${address.replace(/^http/, 'ws')}/v1/socket`);
  const send = (...frames: ClientFrame[]): void => ws.send(joinFrames(frames.map(encodeClientFrame)));
  const closed = new Promise<number>((done) => ws.on('close', done));
  await new Promise<void>((done, failed) => {
    ws.on('error', failed);
    ws.on('open', () => send(helloFrame(token), { type: 'sync', have: [], last: true }));
    ws.on('message', (data: Buffer) => {
      for (const frame of decodeRelayFrames(data)) {
        if (frame.type === 'synced') done();
        onFrame(frame);
      }
    });
  });
  return { send, closed, close: () => ws.close() };
}

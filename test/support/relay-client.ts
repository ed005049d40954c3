/** A device that speaks the protocol and does nothing by itself: it keeps every frame for the test to look at. */
import { WebSocket } from 'ws';
import {
  createId,
  decodeRelayFrames,
  encodeClientFrame,
  joinFrames,
  type ClientFrame,
  type ConversationId,
  type FrameOf,
  type MessageId,
  type RelayFrame,
} from '../../protocol/index.ts';

type Frame<T extends RelayFrame['type']> = FrameOf<RelayFrame, T>;

interface Closed {
  readonly code: number;
  readonly reason: string;
}

const patienceMs = 5_000;

export class RelayClient {
  readonly ws: WebSocket;
  /** Everything the relay said so far. */
  readonly frames: RelayFrame[] = [];
  /** Resolves when the connection has closed. */
  readonly closed: Promise<Closed>;
  readonly #waiters = new Set<() => void>();
  #taken = 0;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data) => {
      this.frames.push(...decodeRelayFrames(data as Buffer));
      for (const waiter of this.#waiters) waiter();
    });
    ws.on('error', () => {});
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        for (const waiter of this.#waiters) waiter();
      });
    });
  }

  static async connect(port: number): Promise<RelayClient> {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
    const client = new RelayClient(ws);
    await new Promise((resolve, reject) => {
      ws.once('open', resolve);
      ws.once('error', reject);
    });
    return client;
  }

  send(...frames: ClientFrame[]): void {
    this.ws.send(joinFrames(frames.map(encodeClientFrame)));
  }

  sendRaw(bytes: Uint8Array | string): void {
    this.ws.send(bytes);
  }

  /** @param features what the device says it can do. */
  async hello(token: string, generation = 0, features: string[] = []): Promise<Frame<'welcome'>> {
    this.send({ type: 'hello', versions: [1], token, generation, client: { name: 'test', version: '0' }, features });
    return this.next('welcome');
  }

  /** Says what it holds and waits until everything else has come. */
  async sync(have: Record<ConversationId, number> = {}): Promise<void> {
    const entries = Object.entries(have).map(([conversation, seq]) => ({
      conversation: conversation as ConversationId,
      seq,
    }));
    this.send({ type: 'sync', have: entries, last: true });
    await this.next('synced');
  }

  /** Sends a message and waits for `accepted` or `refused`. */
  async say(
    conversation: ConversationId,
    text: string,
    id = createId<MessageId>(),
  ): Promise<Frame<'accepted'> | Frame<'refused'>> {
    this.send(message(conversation, text, id));
    const answer = (frame: RelayFrame) => (frame.type === 'accepted' || frame.type === 'refused') && frame.id === id;
    return (await this.find(answer)) as Frame<'accepted'> | Frame<'refused'>;
  }

  /** The next frame of this type after the last one asked for. */
  async next<T extends RelayFrame['type']>(type: T, timeoutMs = patienceMs): Promise<Frame<T>> {
    return (await this.find((frame) => frame.type === type, timeoutMs)) as Frame<T>;
  }

  /** Waits for a frame that fits, after the last one found. */
  async find(fits: (frame: RelayFrame) => boolean, timeoutMs = patienceMs): Promise<RelayFrame> {
    let found: RelayFrame | undefined;
    await this.until(() => {
      const index = this.frames.findIndex((frame, at) => at >= this.#taken && fits(frame));
      if (index < 0) return false;
      found = this.frames[index];
      this.#taken = index + 1;
      return true;
    }, timeoutMs);
    if (!found) throw new Error('unreachable');
    return found;
  }

  /** Waits until something holds, looking again after each message and at the close. */
  async until(holds: () => boolean, timeoutMs = patienceMs): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(look);
        resolve();
      };
      const look = (): void => {
        if (holds()) done();
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(look);
        const last = this.frames.slice(-5).map(({ type }) => type);
        reject(new Error(`Waited ${timeoutMs} ms in vain; the last frames were ${last.join(', ') || 'none'}.`));
      }, timeoutMs);
      this.#waiters.add(look);
    });
  }

  all<T extends RelayFrame['type']>(type: T): Frame<T>[] {
    return this.frames.filter((frame): frame is Frame<T> => frame.type === type);
  }

  /** The seqs of one conversation that were delivered, in the order they came. */
  delivered(conversation: ConversationId): number[] {
    const frames = this.all('deliver').filter((frame) => frame.conversation === conversation);
    return frames.flatMap((frame) => frame.messages.map(({ seq }) => seq));
  }

  /** Looks at frames from the first kept one on again. */
  rewind(): void {
    this.#taken = 0;
  }

  /** Lets go of every frame so far: what is still held then, the relay holds. */
  forget(): void {
    this.frames.length = 0;
    this.#taken = 0;
  }

  async close(): Promise<void> {
    this.ws.close();
    await this.closed;
  }
}

export function message(
  conversation: ConversationId,
  text: string,
  id = createId<MessageId>(),
  epoch = 0,
): FrameOf<ClientFrame, 'send'> {
  return { type: 'send', conversation, id, epoch, payload: new TextEncoder().encode(text) };
}

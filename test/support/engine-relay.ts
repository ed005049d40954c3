/** A relay in the test's hands: it keeps logs as the protocol says, and the test decides what goes over the wire and when. */
import type { HttpAnswer, HttpRequest } from '../../main/engine/connection/http-client.ts';
import type { Socket, SocketEvents, SocketFactory } from '../../main/engine/connection/socket.ts';
import { networkFault } from '../../main/engine/connection/network-faults.ts';
import {
  createId,
  decodeClientFrames,
  encodeRelayFrame,
  limits,
  paths,
  type ClientFrame,
  type Conversation,
  type ConversationId,
  type DeviceId,
  type Envelope,
  type FrameOf,
  type MessageId,
  type Profile,
  type RelayFrame,
  type RelayId,
  type UserId,
} from '../../protocol/index.ts';
import type { EngineClock } from './engine-clock.ts';
import { chainedAnswer, type ChainWord } from './engine-relay-chain.ts';

export interface RelayLog {
  epoch: number;
  readonly members: UserId[];
  readonly messages: Envelope[];
  readonly cursors: Map<UserId, { delivered: number; read: number }>;
}

/** What happens to one `send`. */
export type Verdict =
  | { readonly do: 'accept' }
  /** Stored, but the answer never reaches the device. */
  | { readonly do: 'accept-silently' }
  | { readonly do: 'refuse'; readonly code: string; readonly retryAfterMs?: number }
  /** The link breaks before the message is read. */
  | { readonly do: 'cut' };

type SendFrame = FrameOf<ClientFrame, 'send'>;

export class EngineRelay {
  readonly base = 'http://relay.test';
  id = createId<RelayId>();
  /** While false nothing answers. */
  up = true;
  knowsToken = true;
  heartbeatMs = 12_000;
  deadAfterMs = 26_000;
  /** While false frames to the devices wait for `flush`. */
  autoFlush = true;
  /** Whether what one link sends is delivered to the others: several engines are devices of the same account. */
  tellsOthers = false;
  /** Refuses to answer anything on open links: they look dead. */
  silent = false;
  /** It answers each cursor with `unavailable`, as a relay whose database is away. */
  keepsNoCursors = false;
  verdict: (frame: SendFrame) => Verdict = () => ({ do: 'accept' });
  /** May drop, repeat or reorder what a device is about to get. */
  meddle: (frames: RelayFrame[]) => RelayFrame[] = (frames) => frames;
  /** What the welcome says it can do. */
  features: string[] = [];
  /** The device that the engine logs in as. */
  readonly device = createId<DeviceId>();
  readonly logs = new Map<ConversationId, RelayLog>();
  /** What devices signed off, by conversation. */
  readonly words = new Map<ConversationId, ChainWord[]>();
  readonly profiles = new Map<UserId, Profile>();
  readonly received: ClientFrame[] = [];
  readonly links = new Set<RelayLink>();
  readonly clock: EngineClock;
  readonly self: Profile;
  readonly peer: Profile;

  constructor(clock: EngineClock) {
    this.clock = clock;
    this.self = this.addPerson('ann', 'Ann');
    this.peer = this.addPerson('ben', 'Ben');
  }

  addPerson(username: string, displayName: string): Profile {
    const profile = { id: createId<UserId>(), username, displayName };
    this.profiles.set(profile.id, profile);
    return profile;
  }

  addConversation(members: UserId[] = [this.self.id, this.peer.id]): ConversationId {
    const id = createId<ConversationId>();
    this.logs.set(id, { epoch: 0, members, messages: [], cursors: new Map() });
    return id;
  }

  /** Puts a message into a log. @returns the envelope. */
  append(conversation: ConversationId, message: Partial<Envelope> & Pick<Envelope, 'payload'>): Envelope {
    const log = this.logOf(conversation);
    const envelope: Envelope = {
      id: createId<MessageId>(),
      user: this.peer.id,
      device: createId<DeviceId>(),
      kind: 'content',
      time: Math.round(this.clock.now() - this.clock.skew),
      ...message,
      seq: log.messages.length + 1,
    };
    log.messages.push(envelope);
    return envelope;
  }

  /** Puts a message into a log and delivers it to who is connected. */
  say(conversation: ConversationId, message: Partial<Envelope> & Pick<Envelope, 'payload'>): Envelope {
    const envelope = this.append(conversation, message);
    this.tell({ type: 'deliver', conversation, messages: [envelope] });
    return envelope;
  }

  tell(...frames: RelayFrame[]): void {
    for (const link of this.links) link.queue(...frames);
  }

  flush(): void {
    for (const link of this.links) link.flush();
  }

  cut(): void {
    for (const link of [...this.links]) link.end(1006);
  }

  logOf(conversation: ConversationId): RelayLog {
    const log = this.logs.get(conversation);
    if (!log) throw new Error('The test asks for a conversation that it has not made.');
    return log;
  }

  readonly openSocket: SocketFactory = (_url, events) => new RelayLink(this, events);

  readonly http = async (request: HttpRequest): Promise<HttpAnswer> => {
    if (!this.up) throw networkFault(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), request.base);
    const { device } = this;
    const account = { ...this.self, email: null, phone: null, createdAt: 0 };
    const info = {
      product: 'parley-relay',
      id: this.id,
      name: 'Test relay',
      version: '0',
      protocol: [1],
      registration: 'open',
      directory: true,
      time: 0,
    };
    if (request.path === paths.relay) return answer(200, info);
    if (request.path === paths.sessions) return answer(201, { account, device, token: 'token' });
    return answer(204, undefined);
  };

  conversation(id: ConversationId): Conversation {
    const { epoch, members, messages, cursors } = this.logOf(id);
    const activeAt = messages.at(-1)?.time ?? 0;
    return {
      id,
      kind: 'direct',
      epoch,
      head: messages.length,
      createdAt: 0,
      activeAt,
      cursors: members.map((user) => ({ user, ...(cursors.get(user) ?? { delivered: 0, read: 0 }) })),
    };
  }
}

function answer(status: number, body: unknown): HttpAnswer {
  return { status, body, retryAfterMs: undefined };
}

/** One device's socket, seen from both ends. */
class RelayLink implements Socket {
  readonly bufferedBytes = 0;
  readonly #relay: EngineRelay;
  readonly #events: SocketEvents;
  readonly #have = new Map<ConversationId, number>();
  #outgoing: RelayFrame[] = [];
  #open = true;

  constructor(relay: EngineRelay, events: SocketEvents) {
    this.#relay = relay;
    this.#events = events;
    setImmediate(() => this.#connect());
  }

  #connect(): void {
    if (!this.#open) return;
    if (!this.#relay.up) {
      this.#events.onError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
      this.end(1006);
      return;
    }
    this.#relay.links.add(this);
    this.#events.onOpen();
  }

  send(bytes: Uint8Array): void {
    for (const frame of decodeClientFrames(bytes)) {
      if (!this.#open || this.#relay.silent) return;
      this.#relay.received.push(frame);
      this.#take(frame);
    }
  }

  pause(): void {}
  resume(): void {}
  close(): void {
    this.terminate();
  }
  terminate(): void {
    this.#open = false;
    this.#relay.links.delete(this);
  }

  end(code: number): void {
    if (!this.#open) return;
    this.terminate();
    this.#events.onClose(code);
  }

  queue(...frames: RelayFrame[]): void {
    this.#outgoing.push(...frames);
    if (this.#relay.autoFlush) setImmediate(() => this.flush());
  }

  flush(): void {
    const frames = this.#relay.meddle(this.#outgoing.splice(0));
    for (const frame of frames) {
      if (this.#open && !this.#relay.silent) this.#events.onMessage(encodeRelayFrame(frame));
    }
  }

  #take(frame: ClientFrame): void {
    const relay = this.#relay;
    switch (frame.type) {
      case 'hello':
        return this.#greet();
      case 'sync':
        for (const { conversation, seq } of frame.have) this.#have.set(conversation, seq);
        return frame.last ? this.#sync(frame.overlap === true) : undefined;
      case 'send':
        return this.#judge(frame);
      case 'cursor': {
        if (relay.keepsNoCursors) {
          const { conversation } = frame;
          return this.queue({ type: 'error', code: 'unavailable', message: 'The database is away.', conversation });
        }
        const log = relay.logOf(frame.conversation);
        const known = log.cursors.get(relay.self.id) ?? { delivered: 0, read: 0 };
        const read = Math.max(known.read, frame.read ?? 0);
        log.cursors.set(relay.self.id, { delivered: Math.max(known.delivered, frame.delivered ?? 0, read), read });
        return;
      }
      case 'fetch': {
        const { messages } = relay.logOf(frame.conversation);
        const found = messages.slice(frame.from - 1, Math.min(frame.to, frame.from - 1 + limits.batchMessages));
        return this.queue({
          type: 'fetched',
          ref: frame.ref,
          conversation: frame.conversation,
          head: messages.length,
          messages: found,
        });
      }
      case 'ping':
        return this.queue({ type: 'pong' });
      case 'watch':
        return this.queue({
          type: 'presence',
          users: frame.users.map((user) => ({ user, online: true, lastActiveAt: null })),
        });
      case 'attest':
        for (const { conversation, seq, link } of frame.heads) {
          const others = (relay.words.get(conversation) ?? []).filter(({ device }) => device !== relay.device);
          const word = { user: relay.self.id, device: relay.device, seq, link, time: relay.clock.now() };
          relay.words.set(conversation, [...others, word]);
        }
        return;
      case 'chain': {
        const { messages } = relay.logOf(frame.conversation);
        return this.queue(chainedAnswer(frame, messages, relay.words.get(frame.conversation) ?? []));
      }
      case 'signal':
        return;
    }
  }

  #greet(): void {
    const relay = this.#relay;
    if (!relay.knowsToken) {
      this.queue({ type: 'error', code: 'unauthenticated', message: 'This session has ended.' });
      setImmediate(() => setImmediate(() => this.end(4401)));
      return;
    }
    this.queue({
      type: 'welcome',
      version: 1,
      relay: { id: relay.id, name: 'Test relay', version: '0' },
      user: relay.self,
      device: relay.device,
      features: relay.features,
      generation: 0,
      time: Math.round(relay.clock.now() - relay.clock.skew),
      heartbeatMs: relay.heartbeatMs,
      deadAfterMs: relay.deadAfterMs,
      limits: {
        payloadBytes: limits.payloadBytes,
        clientFrameBytes: limits.clientFrameBytes,
        batchMessages: limits.batchMessages,
        syncEntries: limits.syncEntries,
        watchedUsers: limits.watchedUsers,
        signalBytes: limits.signalBytes,
      },
    });
  }

  #sync(overlap: boolean): void {
    const relay = this.#relay;
    const conversations = [...relay.logs.keys()].map((id) => relay.conversation(id));
    const missing = [...relay.logs].map(([conversation, log]) => ({
      conversation,
      messages: newerThan(log, this.#have.get(conversation) ?? 0, overlap),
    }));
    const total = missing.reduce((sum, { messages }) => sum + messages.length, 0);
    this.queue({ type: 'conversations', conversations, profiles: [...relay.profiles.values()] });
    this.queue({ type: 'syncing', conversations: missing.length, messages: total });
    for (const { conversation, messages } of missing) {
      for (let at = 0; at < messages.length; at += limits.batchMessages) {
        this.queue({ type: 'deliver', conversation, messages: messages.slice(at, at + limits.batchMessages) });
      }
    }
    this.queue({ type: 'synced' });
  }

  #judge(frame: SendFrame): void {
    const verdict = this.#relay.verdict(frame);
    if (verdict.do === 'cut') return this.end(1006);
    if (verdict.do === 'refuse') {
      const { code, retryAfterMs } = verdict;
      const { conversation, id } = frame;
      this.queue({
        type: 'refused',
        conversation,
        id,
        code,
        message: `Refused: ${code}`,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
      return;
    }
    this.#store(frame, verdict.do === 'accept');
  }

  #store({ conversation, id, epoch, payload }: SendFrame, answers: boolean): void {
    const log = this.#relay.logOf(conversation);
    if (epoch < log.epoch) {
      this.queue({ type: 'refused', conversation, id, code: 'stale_epoch', message: 'Stale.', epoch: log.epoch });
      return;
    }
    const known = log.messages.find((message) => message.id === id);
    const stored =
      known ?? this.#relay.append(conversation, { id, user: this.#relay.self.id, device: this.#relay.device, payload });
    const { seq, time } = stored;
    if (answers) this.queue({ type: 'accepted', conversation, id, seq, time });
    const others = this.#relay.tellsOthers && !known ? [...this.#relay.links].filter((link) => link !== this) : [];
    for (const link of others) link.queue({ type: 'deliver', conversation, messages: [stored] });
  }
}

/** @param overlap with the one at this seq, too, where there are newer ones. */
function newerThan({ messages }: RelayLog, seq: number, overlap: boolean): Envelope[] {
  return messages.length > seq ? messages.slice(Math.max(0, overlap ? seq - 1 : seq)) : [];
}

/** An engine made of memory: answers every command of the contract, and lets a test play the world's part. */
import type { EventName, EventOf, Handlers, ParsedInputOf } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import { ParleyError, type ErrorCode } from '../../../bridge/text-rules.ts';
import {
  messageViewSchema,
  type ConnectionView,
  type ConversationView,
  type DeviceView,
  type MessagePage,
  type MessageView,
  type PersonView,
  type PresenceView,
  type RelayView,
  type SessionView,
} from '../../../bridge/views.ts';
import type { MediaItemView, MediaSummary, TransferView } from '../../../bridge/media-views.ts';
import { ScriptedAccount } from './scripted-account.ts';
import { ScriptedChanges, unchanged } from './scripted-changes.ts';
import { ScriptedMedia } from './scripted-media.ts';
import { searchWorld } from './scripted-search.ts';

type ConversationId = ConversationView['id'];
type Emit = <N extends EventName<EngineContract>>(name: N, data: EventOf<EngineContract, N>) => void;

export interface World {
  me: PersonView;
  people: PersonView[];
  conversations: Map<ConversationId, ConversationView>;
  messages: Map<ConversationId, MessageView[]>;
  session: SessionView;
  connection: ConnectionView;
  devices: DeviceView[];
  online: Set<PersonView['id']>;
  relay: RelayView;
  /** Commands that fail, by name. */
  failing: Map<string, { code: ErrorCode; message: string; field?: string }>;
  /** How long every answer takes. */
  latencyMs: number;
  /** What the engine's media part begins with. */
  files?: Pick<ScriptedMedia, 'usage'> & { transfers: TransferView[] };
  /** Whether sends are accepted, delivered and read by themselves. */
  accepting: boolean;
}

type QuoteView = Extract<MessageView['content'], { kind: 'text' }>['replyTo'];

const waitingOrder = 1e12;

export function makeId(kind: number, index: number): string {
  return `0190${kind.toString(16).padStart(4, '0')}-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;
}

/** Ids are made up here and not looked at any closer. */
export function brand<T>(id: string): T {
  return id as T;
}

export class ScriptedEngine {
  readonly world: World;
  /** Every command that was asked, in order. */
  readonly asked: { name: string; input: unknown }[] = [];
  readonly media = new ScriptedMedia({
    messagesOf: (conversation) => this.messagesOf(conversation),
    changed: (transfers) => this.emit('transfers.changed', transfers),
  });
  readonly account = new ScriptedAccount({
    change: (conversation, changes) => this.change(conversation, changes),
    notes: () => this.#notes(),
    emit: {
      sync: (status) => this.emit('sync.changed', status),
      devices: (devices) => this.emit('devices.appeared', devices),
      job: (job) => this.emit('data.job-changed', job),
    },
  });
  readonly changes = new ScriptedChanges({
    me: () => this.world.me,
    find: (conversation, message) => this.messagesOf(conversation).find(({ id }) => id === message),
    put: (message) => this.#put(message),
  });
  readonly #emitters = new Set<Emit>();
  #made = 0;

  constructor(world: World) {
    this.world = world;
    for (const transfer of world.files?.transfers ?? []) this.media.put(transfer);
    if (world.files) this.media.usage = world.files.usage;
  }

  attach(emit: Emit): void {
    this.#emitters.add(emit);
  }

  emit<N extends EventName<EngineContract>>(name: N, data: EventOf<EngineContract, N>): void {
    for (const emit of this.#emitters) emit(name, data);
  }

  handlers(): Handlers<EngineContract> {
    const handlers = this.#plainHandlers();
    const wrapped = Object.entries(handlers).map(([name, handler]) => [name, this.#wrap(name, handler as never)]);
    return Object.fromEntries(wrapped) as Handlers<EngineContract>;
  }

  #wrap(name: string, handler: (input: unknown) => unknown) {
    return async (input: unknown): Promise<unknown> => {
      this.asked.push({ name, input });
      if (this.world.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, this.world.latencyMs));
      const failure = this.world.failing.get(name);
      if (failure) throw new ParleyError(failure.code, failure);
      return handler(input);
    };
  }

  #plainHandlers(): Handlers<EngineContract> {
    const { world } = this;
    return {
      'relay.check': ({ address }) => ({ ...world.relay, address: `https://${address.replace(/^https?:\/\//, '')}` }),
      'session.get': () => world.session,
      'session.register': ({ address, username, displayName }) => this.#signIn(address, username, displayName),
      'session.login': ({ address, username }) => this.#signIn(address, username, world.me.displayName),
      'session.logout': () => this.signOut('logged-out'),
      'account.update': (changes) => this.#updateAccount(changes),
      'account.change-password': () => undefined,
      'devices.list': () => world.devices,
      'devices.revoke': ({ device }) => {
        world.devices = world.devices.filter(({ id }) => id !== device);
      },
      'connection.get': () => world.connection,
      'connection.retry': () => this.connect({ state: 'connecting' }),
      'people.search': ({ query }) => this.#people(query),
      'conversations.start': ({ user }) => this.#start(user),
      'conversations.list': (input) => this.#list(input),
      'conversations.get': ({ conversation }) => this.conversation(conversation),
      'conversations.mark-read': ({ conversation, seq }) => this.#markRead(conversation, seq),
      'messages.page': (input) => this.#page(input),
      'messages.send': (input) => this.#send(input),
      'messages.retry': ({ conversation, message }) => this.#retry(conversation, message),
      'messages.discard': ({ conversation, message }) => this.#discard(conversation, message),
      'messages.search': (input) => searchWorld(world, input),
      'media.stage': ({ stage }) => ({ stage: stage ?? `stage-${++this.#made}` }),
      'media.unstage': () => undefined,
      'media.send': (input) => this.#sendMedia(input),
      ...this.media.handlers(),
      ...this.changes.handlers(),
      ...this.account.handlers(),
      'drafts.set': ({ conversation, text }) => this.change(conversation, { draft: text === '' ? null : text }),
      'typing.set': () => undefined,
      'presence.watch': ({ users }) => users.map((user) => this.#presence(user)),
    };
  }

  #signIn(address: string, username: string, displayName: string): SessionView {
    const account = { ...this.world.me, username, displayName, email: null, phone: null };
    const relay = { address, name: this.world.relay.name, directory: true };
    this.world.session = { state: 'signed-in', account, device: brand(makeId(9, 1)), relay };
    this.emit('session.changed', this.world.session);
    return this.world.session;
  }

  signOut(reason: 'logged-out' | 'revoked' | 'erased' | 'disabled', waiting = 0): void {
    const { session } = this.world;
    const address = session.state === 'signed-in' ? session.relay.address : null;
    this.world.session = { state: 'signed-out', reason, address, username: this.world.me.username, waiting };
    this.emit('session.changed', this.world.session);
  }

  #updateAccount(changes: ParsedInputOf<EngineContract, 'account.update'>) {
    const { session } = this.world;
    if (session.state !== 'signed-in') throw new ParleyError('unauthenticated', { message: 'Log in first.' });
    const known = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const account = { ...session.account, ...known };
    this.world.session = { ...session, account };
    return account;
  }

  connect(view: ConnectionView): void {
    this.world.connection = view;
    this.emit('connection.changed', view);
  }

  #people(query: string): PersonView[] {
    const wanted = query.toLowerCase();
    return this.world.people
      .filter((one) => one.username.startsWith(wanted) || one.displayName.toLowerCase().includes(wanted))
      .slice(0, 20);
  }

  #presence(user: PersonView['id']): PresenceView {
    const online = this.world.online.has(user);
    const minutes = Number.parseInt(user.slice(-3), 16) * 47;
    const state = this.#presenceUnclear ? 'unclear' : online ? 'online' : 'offline';
    return { user, state, lastActiveAt: Date.now() - minutes * 60_000 };
  }

  #presenceUnclear = false;

  /** The relay cannot find out who is there, or can again. */
  setPresenceUnclear(unclear: boolean): void {
    this.#presenceUnclear = unclear;
    this.emit(
      'presence.changed',
      this.world.people.map(({ id }) => this.#presence(id)),
    );
  }

  setPresence(user: PersonView['id'], online: boolean): void {
    if (online) this.world.online.add(user);
    else this.world.online.delete(user);
    this.emit('presence.changed', [this.#presence(user)]);
  }

  #start(user: PersonView['id']): ConversationView {
    const known = [...this.world.conversations.values()].find(({ peer }) => peer?.id === user);
    const person = this.world.people.find(({ id }) => id === user);
    if (known) return known;
    if (!person) throw new ParleyError('not_found', { message: 'This person is not on the relay any more.' });
    const conversation = emptyConversation(brand(makeId(2, 90_000 + ++this.#made)), person);
    this.world.conversations.set(conversation.id, conversation);
    this.world.messages.set(conversation.id, []);
    return conversation;
  }

  #notes(): ConversationView {
    const known = [...this.world.conversations.values()].find(({ notes }) => notes);
    if (known) return known;
    const conversation = {
      ...emptyConversation(brand(makeId(2, 80_000)), this.world.me),
      title: 'Notes to self',
      notes: true,
    };
    this.world.conversations.set(conversation.id, conversation);
    this.world.messages.set(conversation.id, []);
    return conversation;
  }

  #list({ after, limit }: ParsedInputOf<EngineContract, 'conversations.list'>): ConversationView[] {
    const sorted = [...this.world.conversations.values()].sort(
      (a, b) => (b.pinnedAt ?? -1) - (a.pinnedAt ?? -1) || b.activeAt - a.activeAt || (a.id < b.id ? -1 : 1),
    );
    const from = after ? sorted.findIndex(({ id }) => id === after.id) + 1 : 0;
    return sorted.slice(from, from + limit);
  }

  conversation(id: ConversationId): ConversationView {
    const conversation = this.world.conversations.get(id);
    if (!conversation) throw new ParleyError('not_found', { message: 'There is no such conversation.' });
    return conversation;
  }

  change(id: ConversationId, changes: Partial<ConversationView>): void {
    const conversation = { ...this.conversation(id), ...changes };
    this.world.conversations.set(id, conversation);
    this.emit('conversations.changed', [conversation]);
  }

  #markRead(id: ConversationId, seq: number): void {
    const unread = this.messagesOf(id).filter((one) => !one.own && one.seq !== null && one.seq > seq).length;
    this.change(id, { readSeq: Math.max(seq, this.conversation(id).readSeq), unread });
  }

  messagesOf(id: ConversationId): MessageView[] {
    return this.world.messages.get(id) ?? [];
  }

  #page({ conversation, anchor, limit }: ParsedInputOf<EngineContract, 'messages.page'>): MessagePage {
    const all = this.messagesOf(conversation);
    const { readSeq } = this.conversation(conversation);
    const unreadAt = all.findIndex((one) => !one.own && one.seq !== null && one.seq > readSeq);
    const window = pageWindow(all, anchor, limit, unreadAt);
    const [from, to] = [Math.max(0, window[0]), Math.min(all.length, window[1])];
    return {
      messages: all.slice(from, to),
      hasOlder: from > 0,
      hasNewer: to < all.length,
      firstUnread: all[unreadAt]?.id ?? null,
    };
  }

  #send({ conversation, text, replyTo }: ParsedInputOf<EngineContract, 'messages.send'>): MessageView {
    const all = this.messagesOf(conversation);
    const message: MessageView = {
      ...this.#draft(conversation, text, true),
      order: waitingOrder + all.length,
      content: { kind: 'text', text, replyTo: this.#quote(conversation, replyTo) },
      state: 'queued',
    };
    this.#put(message);
    if (this.world.accepting) setTimeout(() => this.accept(conversation, message.id), 60);
    return message;
  }

  #sendMedia({ conversation, items, text, replyTo }: ParsedInputOf<EngineContract, 'media.send'>): MessageView {
    const message: MessageView = {
      ...this.#draft(conversation, 'files', true),
      order: waitingOrder + this.messagesOf(conversation).length,
      content: {
        kind: 'media',
        text,
        replyTo: this.#quote(conversation, replyTo),
        items: items.map((facts, item) => sentItem(facts, item)),
      },
    };
    this.#put(message);
    if (this.world.accepting) setTimeout(() => this.accept(conversation, message.id), 60);
    return message;
  }

  #quote(conversation: ConversationId, id: MessageView['id'] | undefined): QuoteView {
    const quoted = this.messagesOf(conversation).find((one) => one.id === id);
    if (!quoted) return null;
    const { content, sender } = quoted;
    const deleted = content.kind === 'deleted';
    const excerpt = content.kind === 'text' || content.kind === 'media' ? content.text.slice(0, 200) : null;
    const media = content.kind === 'media' ? summaryOf(content.items) : null;
    return { id: quoted.id, sender, excerpt, media, deleted };
  }

  #draft(conversation: ConversationId, text: string, own: boolean): MessageView {
    const { peer } = this.conversation(conversation);
    return messageViewSchema.parse({
      id: makeId(3, 900_000 + ++this.#made),
      conversation,
      order: 0,
      seq: null,
      sender: own ? this.world.me : (peer ?? this.world.me),
      own,
      time: Date.now(),
      content: { kind: 'text', text, replyTo: null },
      state: own ? 'queued' : 'received',
      failure: null,
      ...unchanged,
    });
  }

  /** The relay takes a message; the other side has and reads it a little later. */
  accept(conversation: ConversationId, id: MessageView['id']): void {
    const message = this.messagesOf(conversation).find((one) => one.id === id);
    if (!message) return;
    const seq = this.conversation(conversation).head + 1;
    this.change(conversation, { head: seq });
    this.#put({ ...message, seq, order: seq, state: 'sent', failure: null });
    setTimeout(() => this.setState(conversation, id, 'delivered'), 200);
    setTimeout(() => this.setState(conversation, id, 'read'), 600);
  }

  setState(conversation: ConversationId, id: MessageView['id'], state: MessageView['state']): void {
    const message = this.messagesOf(conversation).find((one) => one.id === id);
    if (message) this.#put({ ...message, state });
  }

  fail(conversation: ConversationId, id: MessageView['id'], message: string, retryable: boolean): void {
    const found = this.messagesOf(conversation).find((one) => one.id === id);
    if (!found) return;
    this.#put({ ...found, state: 'failed', failure: { code: 'storage_full', message, retryable } });
    this.change(conversation, { failed: 1 });
  }

  #retry(conversation: ConversationId, id: MessageView['id']): void {
    this.setState(conversation, id, 'queued');
    this.change(conversation, { failed: 0 });
    setTimeout(() => this.accept(conversation, id), 60);
  }

  #discard(conversation: ConversationId, id: MessageView['id']): void {
    this.world.messages.set(
      conversation,
      this.messagesOf(conversation).filter((one) => one.id !== id),
    );
    this.emit('messages.changed', { conversation, messages: [], removed: [id], reload: false });
    this.change(conversation, { failed: 0 });
  }

  /** Somebody wrote. */
  receive(conversation: ConversationId, text: string): MessageView {
    const seq = this.conversation(conversation).head + 1;
    const message = { ...this.#draft(conversation, text, false), seq, order: seq };
    this.change(conversation, { head: seq, unread: this.conversation(conversation).unread + 1 });
    this.#put(message);
    return message;
  }

  typing(conversation: ConversationId, typing: boolean): void {
    const { peer } = this.conversation(conversation);
    this.emit('typing.changed', { conversation, people: typing && peer ? [peer] : [] });
  }

  #put(message: MessageView): void {
    const { conversation, id, content, own, state, time } = message;
    const others = this.messagesOf(conversation).filter((one) => one.id !== id);
    this.world.messages.set(
      conversation,
      [...others, message].sort((a, b) => a.order - b.order),
    );
    this.emit('messages.changed', { conversation, messages: [message], removed: [], reload: false });
    const words = content.kind === 'text' || content.kind === 'media' ? content.text : '';
    const text = words.replace(/\s+/g, ' ').slice(0, 120);
    const kind = content.kind;
    const media = content.kind === 'media' ? summaryOf(content.items) : null;
    if (this.messagesOf(conversation).at(-1)?.id !== id) return;
    this.change(conversation, { preview: { text, kind, media, own, state }, activeAt: time });
  }
}

/** @returns null for no files */
export function summaryOf(items: readonly MediaItemView[]): MediaSummary | null {
  const [first] = items;
  if (!first) return null;
  const kind = items.every((item) => item.kind === first.kind) ? first.kind : 'file';
  return { kind, count: items.length, name: first.name, durationMs: first.durationMs };
}

type Facts = ParsedInputOf<EngineContract, 'media.send'>['items'][number];

function sentItem({ kind, name, type, width, height, durationMs, thumbnail, waveform }: Facts, item: number) {
  return {
    ...{ item, kind, name, type, bytes: 1_234_567, width: width ?? null, height: height ?? null },
    durationMs: durationMs ?? null,
    thumbnail: thumbnail ? `data:image/webp;base64,${btoa(String.fromCharCode(...thumbnail))}` : null,
    waveform: waveform ? [...waveform].map((point) => point / 255) : null,
    ...{ dangerous: false, held: true, transfer: null },
  } satisfies MediaItemView;
}

function pageWindow(
  all: readonly MessageView[],
  anchor: ParsedInputOf<EngineContract, 'messages.page'>['anchor'],
  limit: number,
  unreadAt: number,
): [number, number] {
  const around = (at: number): [number, number] => [at - Math.floor(limit / 2), at + Math.ceil(limit / 2)];
  if (anchor.at === 'older') {
    const end = all.findIndex(({ order }) => order >= anchor.than);
    return [end - limit, end];
  }
  if (anchor.at === 'newer') {
    const start = all.findIndex(({ order }) => order > anchor.than);
    return start < 0 ? [all.length, all.length] : [start, start + limit];
  }
  if (anchor.at === 'message')
    return around(
      Math.max(
        0,
        all.findIndex(({ id }) => id === anchor.message),
      ),
    );
  if (anchor.at === 'first-unread' && unreadAt >= 0 && unreadAt < all.length - limit / 2) return around(unreadAt);
  return [all.length - limit, all.length];
}

export function emptyConversation(id: ConversationId, peer: PersonView): ConversationView {
  return {
    id,
    kind: 'direct',
    title: peer.displayName,
    peer,
    preview: null,
    activeAt: Date.now(),
    head: 0,
    unread: 0,
    readSeq: 0,
    draft: null,
    failed: 0,
    notes: false,
    pinnedAt: null,
    muted: false,
    mutedUntil: null,
  };
}

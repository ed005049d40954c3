/** What the person sent and the relay has not accepted yet, in the order typed. */
import type { ConversationId, Envelope, MessageId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

/** `message` is shown as one of its own; the others change a message, or are for the account's other devices. */
export type OutboxKind = 'message' | 'edit' | 'delete' | 'reaction' | 'account';

export interface OutboxItem {
  readonly key: number;
  readonly conversation: ConversationId;
  readonly id: MessageId;
  readonly kind: OutboxKind;
  /** The message that an edit, a deletion or a reaction changes. */
  readonly target: MessageId | null;
  /** The encoded content, before sealing. */
  readonly content: Uint8Array;
  /** Of a message or an edit. */
  readonly text: string | null;
  readonly replyTo: MessageId | null;
  /** Relay time as well as this device could tell. */
  readonly typedAt: number;
  /** `preparing`: some of its files are not sealed yet. */
  readonly state: 'preparing' | 'queued' | 'failed';
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** The sealed bytes, pinned with the epoch they were sealed for. */
  readonly sealed: { readonly epoch: number; readonly payload: Envelope['payload'] } | null;
  /** Where the bytes of files come from that are not sealed yet; null when none is left. */
  readonly sources: Uint8Array | null;
}

export type NewOutboxItem = Pick<OutboxItem, 'conversation' | 'id' | 'content' | 'text' | 'replyTo' | 'typedAt'> &
  Partial<Pick<OutboxItem, 'sources' | 'kind' | 'target'>>;

export interface OutboxTable {
  add(item: NewOutboxItem): OutboxItem;
  /**
   * The relay had this message and lost it: it goes out again before all that waits, under its id and with the same bytes.
   * One that waits already stays as it is.
   */
  addAgain(item: NewOutboxItem, sealed: NonNullable<OutboxItem['sealed']>): void;
  get(id: MessageId): OutboxItem | null;
  /** All of them, in the order typed. */
  all(): OutboxItem[];
  /** Changes to these messages, by message, in the order typed. */
  changesTo(conversation: ConversationId, targets: readonly MessageId[]): Map<MessageId, OutboxItem[]>;
  /**
   * Gives a waiting item another content. @returns false for one whose bytes were sealed already: the relay may have it.
   * One that failed was refused for good, so nobody has its bytes.
   */
  rewrite(id: MessageId, content: Uint8Array, text: string | null): boolean;
  /** The longest waiting message whose files are to be sealed. */
  nextPreparing(): OutboxItem | null;
  /** Messages whose files are to be sealed, in the order typed. */
  preparing(): OutboxItem[];
  /** More of its files are sealed; without further sources it waits to be sent. */
  setPrepared(id: MessageId, content: Uint8Array, sources: Uint8Array | null): void;
  /** The next message of a conversation that waits to be sent; those that are being prepared are passed over. */
  next(conversation: ConversationId): OutboxItem | null;
  /** Conversations with messages that can be sent, the longest waiting first. */
  waitingConversations(): ConversationId[];
  pin(id: MessageId, epoch: number, payload: Uint8Array): void;
  unpin(id: MessageId): void;
  fail(id: MessageId, failure: { code: string; message: string }): void;
  /** Back to where it was before it failed, at its old place. @returns whether it had failed. */
  revive(id: MessageId): boolean;
  /** @returns whether it was there. */
  remove(id: MessageId): boolean;
  /** Waiting and failed ones of the person: messages, and changes to them. */
  count(): number;
}

interface OutboxRow {
  key: number;
  conversation: ConversationId;
  id: MessageId;
  kind: OutboxKind;
  target: MessageId | null;
  content: Uint8Array;
  text: string | null;
  reply_to: MessageId | null;
  typed_at: number;
  state: OutboxItem['state'];
  failure_code: string | null;
  failure_message: string | null;
  epoch: number | null;
  payload: Envelope['payload'] | null;
  sources: Uint8Array | null;
}

export function createOutboxTable(database: Database): OutboxTable {
  const insert = database.prepare<
    [
      string,
      string,
      OutboxKind,
      string | null,
      Uint8Array,
      string | null,
      string | null,
      number,
      Uint8Array | null,
      OutboxItem['state'],
    ]
  >(`
    INSERT INTO outbox (conversation, id, kind, target, content, text, reply_to, typed_at, sources, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertFirst = database.prepare<
    [string, string, OutboxKind, string | null, Uint8Array, string | null, string | null, number, number, Uint8Array]
  >(`
    INSERT INTO outbox (key, conversation, id, kind, target, content, text, reply_to, typed_at, state, epoch, payload)
    VALUES ((SELECT min(coalesce(min(key), 1), 1) - 1 FROM outbox), ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?)
    ON CONFLICT (id) DO NOTHING`);
  const select = database.prepare<[string], OutboxRow>('SELECT * FROM outbox WHERE id = ?');
  const selectAll = database.prepare<[], OutboxRow>('SELECT * FROM outbox ORDER BY key');
  // The plus keeps SQLite from reading the conversation's whole outbox.
  const selectChanges = database.prepare<[string, string], OutboxRow>(
    'SELECT * FROM outbox WHERE target IN (SELECT value FROM json_each(?)) AND +conversation = ? ORDER BY key',
  );
  const setUnsealed = database.prepare<[Uint8Array, string | null, string]>(`
    UPDATE outbox SET content = ?, text = ?, epoch = NULL, payload = NULL
    WHERE id = ? AND (payload IS NULL OR state = 'failed')`);
  const selectPreparing = database.prepare<[], OutboxRow>(
    "SELECT * FROM outbox WHERE state = 'preparing' ORDER BY key",
  );
  const setContent = database.prepare<[Uint8Array, Uint8Array | null, Uint8Array | null, string]>(`
    UPDATE outbox SET content = ?, sources = ?,
      state = CASE WHEN state = 'preparing' AND ? IS NULL THEN 'queued' ELSE state END WHERE id = ?`);
  const selectNext = database.prepare<[string], OutboxRow>(
    "SELECT * FROM outbox WHERE conversation = ? AND state = 'queued' ORDER BY key LIMIT 1",
  );
  const selectWaiting = database.prepare<[], { conversation: ConversationId }>(
    "SELECT conversation FROM outbox WHERE state = 'queued' GROUP BY conversation ORDER BY min(key)",
  );
  const setSealed = database.prepare<[number | null, Uint8Array | null, string]>(
    'UPDATE outbox SET epoch = ?, payload = ? WHERE id = ?',
  );
  const setFailed = database.prepare<[string, string, string]>(
    "UPDATE outbox SET state = 'failed', failure_code = ?, failure_message = ? WHERE id = ?",
  );
  const setWaiting = database.prepare<[string]>(`
    UPDATE outbox SET state = CASE WHEN sources IS NULL THEN 'queued' ELSE 'preparing' END,
      failure_code = NULL, failure_message = NULL WHERE id = ? AND state = 'failed'`);
  const erase = database.prepare<[string]>('DELETE FROM outbox WHERE id = ?');
  const countAll = database.prepare<[], number>("SELECT count(*) FROM outbox WHERE kind <> 'account'").pluck();

  const get = (id: MessageId) => toItem(select.get(id));
  return {
    add(item) {
      const { conversation, id, content, text, replyTo, typedAt, sources = null } = item;
      const { kind = 'message', target = null } = item;
      const state = sources === null ? 'queued' : 'preparing';
      const { lastInsertRowid } = insert.run(
        conversation,
        id,
        kind,
        target,
        content,
        text,
        replyTo,
        typedAt,
        sources,
        state,
      );
      return { ...item, kind, target, key: Number(lastInsertRowid), state, failure: null, sealed: null, sources };
    },
    addAgain(item, { epoch, payload }) {
      const { conversation, id, content, text, replyTo, typedAt, kind = 'message', target = null } = item;
      insertFirst.run(conversation, id, kind, target, content, text, replyTo, typedAt, epoch, payload);
    },
    get,
    all: () => selectAll.all().map(itemOf),
    changesTo(conversation, targets) {
      const found = new Map<MessageId, OutboxItem[]>();
      for (const item of selectChanges.all(JSON.stringify(targets), conversation).map(itemOf)) {
        if (item.target) found.set(item.target, [...(found.get(item.target) ?? []), item]);
      }
      return found;
    },
    rewrite: (id, content, text) => setUnsealed.run(content, text, id).changes > 0,
    nextPreparing: () => toItem(selectPreparing.get()),
    preparing: () => selectPreparing.all().map(itemOf),
    setPrepared: (id, content, sources) => void setContent.run(content, sources, sources, id),
    next: (conversation) => toItem(selectNext.get(conversation)),
    waitingConversations: () => selectWaiting.all().map((row) => row.conversation),
    pin: (id, epoch, payload) => void setSealed.run(epoch, payload, id),
    unpin: (id) => void setSealed.run(null, null, id),
    fail: (id, { code, message }) => void setFailed.run(code, message, id),
    revive: (id) => setWaiting.run(id).changes > 0,
    remove: (id) => erase.run(id).changes > 0,
    count: () => countAll.get() ?? 0,
  };
}

function toItem(row: OutboxRow | undefined): OutboxItem | null {
  return row ? itemOf(row) : null;
}

function itemOf(row: OutboxRow): OutboxItem {
  const { key, conversation, id, kind, target, content, text, state, epoch, payload, sources } = row;
  const failure =
    state === 'failed' ? { code: row.failure_code ?? 'internal', message: row.failure_message ?? '' } : null;
  const sealed = epoch !== null && payload !== null ? { epoch, payload } : null;
  const { reply_to: replyTo, typed_at: typedAt } = row;
  return { key, conversation, id, kind, target, content, text, state, failure, sealed, sources, replyTo, typedAt };
}

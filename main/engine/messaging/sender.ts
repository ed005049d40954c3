/** Empties the outbox: seals and sends in the order typed, and never lets a later message overtake an earlier one. */
import {
  errorTable,
  isErrorCode,
  ParleyError,
  type ClientFrame,
  type ConversationId,
  type FrameOf,
  type MessageId,
  type RelayFrame,
} from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { createTurns } from '../runtime/turns.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { OutboxItem } from '../storage/outbox-table.ts';
import type { Store } from '../storage/store.ts';
import { createBackoff, waitWithinReason, type Backoff } from '../connection/backoff.ts';

type Refused = FrameOf<RelayFrame, 'refused'>;

export interface Sender {
  /** The link is up and the conversations are known: send what waits. */
  open(): void;
  /** Something new waits in this conversation. */
  look(conversation: ConversationId): void;
  /** The message is in the log: its place is free for the next one. */
  settled(conversation: ConversationId, id: MessageId): void;
  /** Writes the outcome; called in the transaction of the batch. */
  storeRefusal(frame: Refused): void;
  /** Goes on after a refusal that is stored. */
  refused(frame: Refused): void;
  /** The link is gone: everything in flight is undecided and sent again later, the same bytes. */
  reset(): void;
}

interface SenderDeps {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly send: (frame: ClientFrame) => void;
  readonly drop: (why: ParleyError) => void;
  /** The relay does not know the conversation for now: what waits in it goes on waiting. */
  readonly isUnknown: (conversation: ConversationId) => boolean;
  /** Storing failed while sealing. */
  readonly onFault: (error: unknown) => void;
}

/** What a conversation's place in the window is doing. */
type Lane =
  | { readonly state: 'sealing' }
  | { readonly state: 'sent'; readonly id: MessageId; readonly cancel: () => void }
  | { readonly state: 'paused'; readonly cancel: () => void };

/**
 * One message of a conversation is in flight at a time: a relay that refuses one for a while (its disk is full, the
 * user sends too fast) must not accept the next one before it. Conversations do not wait for one another.
 */
const window = 32;
const answerMs = 20_000;

export function createSender(deps: SenderDeps): Sender {
  const { store, sealer, clock, random, log, send, drop } = deps;
  const lanes = new Map<ConversationId, Lane>();
  const patience = new Map<ConversationId, Backoff>();
  /** Conversations that wait for a place in the window. */
  const crowded = new Set<ConversationId>();
  const turns = createTurns<ConversationId>();
  let isOpen = false;
  /** Tells work that was begun for an earlier link that its time is over. */
  let era = 0;

  function look(conversation: ConversationId): void {
    if (!isOpen || lanes.has(conversation) || deps.isUnknown(conversation)) return;
    if (inFlight() >= window) {
      crowded.add(conversation);
      return;
    }
    const item = store.outbox.next(conversation);
    const position = item && store.conversations.position(conversation);
    if (item && position) void push(item, position.epoch);
  }

  const inFlight = () => [...lanes.values()].filter((lane) => lane.state !== 'paused').length;

  /** A place in the window is free: those that found none come first. */
  function lookOn(conversation: ConversationId): void {
    const waiting = [...crowded, conversation];
    crowded.clear();
    for (const next of waiting) look(next);
  }

  async function push(item: OutboxItem, epoch: number): Promise<void> {
    const { conversation, id } = item;
    const begun = era;
    lanes.set(conversation, { state: 'sealing' });
    try {
      const sealed = item.sealed ?? (await seal(item, epoch));
      if (era !== begun) return;
      if (!sealed) return leave(conversation);
      const cancel = clock.after(answerMs, () => drop(noAnswer()));
      lanes.set(conversation, { state: 'sent', id, cancel });
      send({ type: 'send', conversation, id, epoch: sealed.epoch, payload: sealed.payload });
    } catch (error) {
      if (era !== begun) return;
      lanes.delete(conversation);
      deps.onFault(error);
    }
  }

  /** Pins the bytes before they leave. @returns null when the person took the message back or changed it meanwhile. */
  async function seal({ conversation, id, content }: OutboxItem, epoch: number): Promise<OutboxItem['sealed']> {
    const begun = era;
    const { payload, store: storeSealer } = await turns.run(conversation, () =>
      sealer.seal({ conversation, message: id, epoch, content }),
    );
    const waiting = era === begun ? store.outbox.get(id) : null;
    if (!waiting || Buffer.compare(waiting.content, content) !== 0) return null;
    store.transact(() => {
      storeSealer();
      store.outbox.pin(id, epoch, payload);
    });
    return { epoch, payload };
  }

  function leave(conversation: ConversationId): void {
    const lane = lanes.get(conversation);
    if (lane && lane.state !== 'sealing') lane.cancel();
    lanes.delete(conversation);
    lookOn(conversation);
  }

  function pause(conversation: ConversationId, retryAfterMs: number | undefined): void {
    const lane = lanes.get(conversation);
    if (lane?.state === 'sent') lane.cancel();
    const backoff = patience.get(conversation) ?? createBackoff(random);
    patience.set(conversation, backoff);
    const ms = retryAfterMs === undefined ? backoff.next() : waitWithinReason(retryAfterMs);
    const cancel = clock.after(ms, () => {
      lanes.delete(conversation);
      look(conversation);
    });
    lanes.set(conversation, { state: 'paused', cancel });
    lookOn(conversation);
  }

  const isCurrent = (conversation: ConversationId, id: MessageId) => {
    const lane = lanes.get(conversation);
    return lane?.state === 'sent' && lane.id === id;
  };

  return {
    open() {
      isOpen = true;
      for (const conversation of store.outbox.waitingConversations()) look(conversation);
    },
    look,
    settled(conversation, id) {
      if (!isCurrent(conversation, id)) return;
      patience.delete(conversation);
      leave(conversation);
    },
    storeRefusal({ conversation, id, code, message, epoch }) {
      log.warn('send.refused', { code });
      const verdict = verdictOn(code);
      if (verdict === 'final') store.outbox.fail(id, { code, message });
      if (verdict !== 'stale') return;
      store.outbox.unpin(id);
      if (epoch !== undefined) store.conversations.setEpoch(conversation, epoch);
    },
    refused({ conversation, id, code, retryAfterMs }) {
      if (!isCurrent(conversation, id)) return;
      const verdict = verdictOn(code);
      const staleAgain = verdict === 'stale' && patience.has(conversation);
      if (verdict === 'later' || staleAgain) return pause(conversation, retryAfterMs);
      if (verdict === 'stale') patience.set(conversation, createBackoff(random));
      leave(conversation);
    },
    reset() {
      era++;
      isOpen = false;
      for (const lane of lanes.values()) if (lane.state !== 'sealing') lane.cancel();
      lanes.clear();
      crowded.clear();
      patience.clear();
    },
  };
}

function verdictOn(code: string): 'stale' | 'later' | 'final' {
  if (code === 'stale_epoch') return 'stale';
  return isErrorCode(code) && errorTable[code].retry ? 'later' : 'final';
}

function noAnswer(): ParleyError {
  return new ParleyError('relay_unreachable', { message: 'The relay did not answer in time.' });
}

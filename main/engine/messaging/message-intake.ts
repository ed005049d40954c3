/** Takes in messages: in seq order, each once, with early ones held until the hole before them is filled. */
import {
  ParleyError,
  type ConversationId,
  type Envelope,
  type FrameOf,
  type RelayFrame,
  type UserId,
} from '../../../protocol/index.ts';
import type { AccountValueIntake } from '../account-values/account-value-intake.ts';
import type { ArrivedMedia, MediaIntake } from '../media/media-intake.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { OutboxItem } from '../storage/outbox-table.ts';
import { isChange, isShown } from '../storage/decoded.ts';
import type { Stretch } from '../storage/conversations-table.ts';
import type { InsertOutcome } from '../storage/messages-table.ts';
import type { Store } from '../storage/store.ts';
import type { Batch } from './batch.ts';
import { tellChange } from './change-news.ts';
import type { Changes } from './changes.ts';
import type { CursorReporter } from './cursor-reporter.ts';
import { contentKind, decodeAgain, decodedContent, decodeEnvelope, type DecodedEnvelope } from './decode.ts';
import type { Gaps } from './gaps.ts';
import type { Sender } from './sender.ts';
import type { Track, Tracks } from './tracks.ts';

export interface MessageIntake {
  deliver(frame: FrameOf<RelayFrame, 'deliver'>, batch: Batch): Promise<void>;
  /** @param asked the range that was asked for; null for an answer nobody waits for. */
  fetched(frame: FrameOf<RelayFrame, 'fetched'>, asked: Stretch | null, batch: Batch): Promise<void>;
  /** Takes in the newest messages, or some right before those that came so, while what is before them is missing. */
  ahead(conversation: ConversationId, stretch: Stretch, messages: readonly Envelope[], batch: Batch): Promise<void>;
  accepted(frame: FrameOf<RelayFrame, 'accepted'>, batch: Batch): Promise<void>;
  /** Messages that were fetched again because they are in doubt: those that differ or are missing are stored. @returns how many. */
  mend(frame: FrameOf<RelayFrame, 'fetched'>, batch: Batch): Promise<number>;
}

interface IntakeDeps {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly self: () => { user: UserId; device: Envelope['device'] };
  readonly tracks: Tracks;
  readonly changes: Changes;
  readonly reporter: CursorReporter;
  readonly gaps: Gaps;
  readonly sender: Sender;
  readonly media: Pick<MediaIntake, 'store' | 'stored' | 'release'>;
  readonly accountValues: AccountValueIntake;
  readonly onProgress: (messages: number) => void;
  /** Messages of others that were stored just now, in order. */
  readonly onArrived: (conversation: ConversationId, envelopes: readonly Envelope[]) => void;
  /** The relay went back in time and another message stands where this device held one. */
  readonly onReplaced: (conversation: ConversationId) => void;
  /** A message stands where this device has it, with another time: the log went back and grew again. */
  readonly onDoubt: (conversation: ConversationId) => void;
  /** Messages that were wrong or missing here were put right. */
  readonly onMended: (conversation: ConversationId) => void;
  readonly drop: (why: ParleyError) => void;
}

/** When more than this come at once the screens load their page again instead. */
const namedArrivals = 20;

export function createMessageIntake(deps: IntakeDeps): MessageIntake {
  const { store, sealer, tracks, changes, reporter, gaps, sender } = deps;

  async function take(conversation: ConversationId, messages: readonly Envelope[], batch: Batch): Promise<void> {
    const track = tracks.of(conversation);
    if (!track) return batch.effect(() => deps.drop(unknownConversation()));
    const run = sealer.opensAhead ? runOf(messages) : null;
    if (run && track.place(run.from) === 'early' && track.isAhead(run))
      return takeAhead(conversation, run, messages, batch);
    const stored: DecodedEnvelope[] = [];
    for (const envelope of messages) {
      const place = track.place(envelope.seq);
      if (place === 'early') track.keep(envelope.seq, envelope);
      else if (place === 'next') await takeNext(conversation, track, envelope, stored);
      else if (isConflict(conversation, envelope)) stored.push(await decodeEnvelope(sealer, conversation, envelope));
      else settleOwn(conversation, envelope, batch);
    }
    batch.touch(conversation, track);
    writeAll(conversation, stored, batch);
    batch.effect(() => gaps.look(conversation));
  }

  /** The next one, and whatever early ones follow it without a hole. */
  async function takeNext(
    conversation: ConversationId,
    track: Track,
    envelope: Envelope,
    stored: DecodedEnvelope[],
  ): Promise<void> {
    stored.push(await decodeEnvelope(sealer, conversation, envelope));
    track.take(envelope.seq);
    await takeEarly(conversation, track, stored);
  }

  async function takeEarly(conversation: ConversationId, track: Track, stored: DecodedEnvelope[]): Promise<void> {
    for (let next = track.takeNext(); next; next = track.takeNext()) {
      if (next.early !== 'stored') stored.push(await decodeEnvelope(sealer, conversation, next.early));
      track.take(next.seq);
    }
  }

  /** @param stretch of which the messages are all that the relay has. */
  async function takeAhead(
    conversation: ConversationId,
    stretch: Stretch,
    messages: readonly Envelope[],
    batch: Batch,
  ): Promise<void> {
    const track = tracks.of(conversation);
    const lacked = track?.lacks(stretch);
    if (!track || !lacked) return;
    const stored: DecodedEnvelope[] = [];
    for (const envelope of messages) {
      if (envelope.seq < lacked.from || envelope.seq > lacked.to) continue;
      stored.push(await decodeEnvelope(sealer, conversation, envelope));
    }
    track.takeAhead(lacked);
    await takeEarly(conversation, track, stored);
    batch.touch(conversation, track);
    writeAll(conversation, stored, batch);
    batch.effect(() => {
      changes.reload(conversation);
      gaps.look(conversation);
    });
  }

  /** A seq that we hold, under another id: only after a relay was put back to an old backup. */
  function isConflict(conversation: ConversationId, envelope: Envelope): boolean {
    const held = store.conversations.has(conversation) ? store.messages.idAt(conversation, envelope.seq) : null;
    return held !== null && held !== envelope.id;
  }

  function isOther(conversation: ConversationId, { seq, time }: Envelope): boolean {
    const held = store.messages.timeAt(conversation, seq);
    return held !== null && held !== time;
  }

  function writeAll(
    conversation: ConversationId,
    stored: readonly DecodedEnvelope[],
    batch: Batch,
    onReplaced = deps.onReplaced,
  ): void {
    if (stored.length === 0) return;
    const fresh: DecodedEnvelope[] = [];
    const returned = new Set<DecodedEnvelope>();
    let replaced = false;
    batch.write(() => {
      for (const message of stored) {
        const outcome = write(conversation, message);
        if (outcome !== 'repeated') fresh.push(message);
        replaced ||= outcome === 'replaced';
        if (outcome === 'returned') returned.add(message);
      }
      summarise(conversation, fresh, replaced);
    });
    batch.effect(() => {
      deps.media.stored(fresh.flatMap((message) => mediaOf(conversation, message) ?? []));
      deps.media.release();
      if (stored.some(({ decoded }) => decoded?.kind === 'account')) deps.accountValues.stored(conversation);
      announce(conversation, fresh, returned);
      if (replaced) {
        onReplaced(conversation);
        deps.onDoubt(conversation);
      }
      for (const { envelope } of stored) if (isOwn(envelope)) sender.settled(conversation, envelope.id);
      if (stored.some(({ envelope }) => !isOwn(envelope))) reporter.note(conversation);
      deps.onProgress(stored.length);
    });
  }

  function write(conversation: ConversationId, message: DecodedEnvelope): InsertOutcome {
    const { envelope, decoded, storeSealer } = message;
    storeSealer();
    const outcome = store.messages.insert(conversation, envelope, decoded);
    // Values of the account are read again even so: a salvaged history may have the message and not what it said.
    if (outcome !== 'repeated' || decoded?.kind === 'account') writeParts(conversation, message);
    if (isOwn(envelope)) leaveOutbox(conversation, envelope);
    return outcome;
  }

  function writeParts(conversation: ConversationId, message: DecodedEnvelope): void {
    const { envelope, decoded } = message;
    const media = mediaOf(conversation, message);
    if (media) deps.media.store(media);
    if (decoded?.kind === 'account') deps.accountValues.store(conversation, envelope, decoded.values);
  }

  /** Null also for a message that is deleted already. */
  function mediaOf(conversation: ConversationId, { envelope, decoded }: DecodedEnvelope): ArrivedMedia | null {
    if (decoded?.kind !== 'media' || store.messages.isDeleted(conversation, envelope.id)) return null;
    return { conversation, envelope, items: decoded.items };
  }

  /**
   * Keeps the row in the list of conversations up to date, once for all messages of the batch. The relay takes whatever is
   * sent for activity; once everything is here it is known what was a message and what only changed one.
   */
  function summarise(conversation: ConversationId, fresh: readonly DecodedEnvelope[], replaced: boolean): void {
    const shown = fresh.filter(({ decoded }) => isShown(decoded)).map(({ envelope }) => envelope);
    const newest = shown.at(-1);
    if (tracks.of(conversation)?.hole() === null) store.conversations.settleActivity(conversation);
    else if (newest) store.conversations.touch(conversation, newest.time);
    if (replaced) return store.conversations.recountUnread(conversation);
    const { read } = store.conversations.cursorOf(conversation, deps.self().user);
    const unread = shown.filter((envelope) => !isOwn(envelope) && envelope.seq > read).length;
    if (unread > 0) store.conversations.addUnread(conversation, unread);
  }

  function leaveOutbox(conversation: ConversationId, { id }: Envelope): void {
    if (store.outbox.get(id)?.conversation !== conversation) return;
    store.outbox.remove(id);
    store.conversations.settleActivity(conversation);
  }

  const isOwn = (envelope: Envelope) => envelope.user === deps.self().user;

  /** @param returned those that were here before: the person heard of them. */
  function announce(
    conversation: ConversationId,
    fresh: readonly DecodedEnvelope[],
    returned: ReadonlySet<DecodedEnvelope>,
  ): void {
    if (!isBehindHole(conversation, fresh)) {
      if (fresh.length > namedArrivals) changes.reload(conversation);
      else for (const message of fresh) tell(conversation, message);
    }
    changes.conversation(conversation);
    const others = fresh
      .filter((message) => isShown(message.decoded) && !isOwn(message.envelope) && !returned.has(message))
      .map(({ envelope }) => envelope);
    if (others.length > 0) deps.onArrived(conversation, others);
  }

  /** What comes in before the stretch that is shown meanwhile changes nothing there. */
  function isBehindHole(conversation: ConversationId, fresh: readonly DecodedEnvelope[]): boolean {
    const ahead = tracks.of(conversation)?.ahead;
    return !!ahead && fresh.every(({ envelope }) => envelope.seq < ahead.from);
  }

  function tell(conversation: ConversationId, { envelope, decoded }: DecodedEnvelope): void {
    if (isChange(decoded)) tellChange({ store, changes }, conversation, decoded.target);
    else if (isShown(decoded)) changes.message(conversation, envelope.id);
  }

  /** A message we hold came again; if its `accepted` was lost, its place in the outbox is free now. */
  function settleOwn(conversation: ConversationId, envelope: Envelope, batch: Batch): void {
    batch.effect(() => deps.onProgress(1));
    if (isOther(conversation, envelope)) batch.effect(() => deps.onDoubt(conversation));
    if (!isOwn(envelope)) return;
    batch.write(() => {
      if (!store.messages.has(conversation, envelope.id)) return;
      store.chain.learnDevice(conversation, envelope);
      leaveOutbox(conversation, envelope);
    });
    batch.effect(() => sender.settled(conversation, envelope.id));
  }

  async function takeAccepted(frame: FrameOf<RelayFrame, 'accepted'>, item: OutboxItem, batch: Batch): Promise<void> {
    const { conversation, id, seq, time } = frame;
    const track = tracks.of(conversation) ?? tracks.begin(conversation, seq);
    const { user, device } = deps.self();
    const payload = item.sealed?.payload ?? new Uint8Array(item.content);
    const envelope: Envelope = { seq, id, user, device, kind: contentKind, time, payload };
    const stored: DecodedEnvelope[] = [{ envelope, decoded: decodedContent(item.content), storeSealer: () => {} }];
    const place = track.place(seq);
    if (place === 'early') track.keep(seq, 'stored');
    if (place === 'next') {
      track.take(seq);
      await takeEarly(conversation, track, stored);
    }
    batch.touch(conversation, track);
    writeAll(conversation, stored, batch);
  }

  /** What is not stored up to now comes by itself; what is stored as it came is left alone. */
  async function mend(conversation: ConversationId, messages: readonly Envelope[], batch: Batch): Promise<number> {
    const { prefix } = tracks.of(conversation) ?? { prefix: 0 };
    const wrong: DecodedEnvelope[] = [];
    for (const envelope of messages) {
      if (envelope.seq > prefix || store.chain.holds(conversation, envelope)) continue;
      wrong.push(await decodeAgain(sealer, conversation, envelope));
    }
    if (wrong.length === 0) return 0;
    writeAll(conversation, wrong, batch, () => {});
    batch.write(() => store.conversations.recountUnread(conversation));
    batch.effect(() => deps.onMended(conversation));
    return wrong.length;
  }

  return {
    deliver: ({ conversation, messages }, batch) => take(conversation, messages, batch),
    async fetched({ conversation, head, messages }, asked, batch) {
      const track = tracks.of(conversation);
      if (track && asked) {
        skipLost(track, asked, messages[0]?.seq, head);
        batch.touch(conversation, track);
      }
      await take(conversation, messages, batch);
    },
    ahead: takeAhead,
    mend: ({ conversation, messages }, batch) => mend(conversation, messages, batch),
    async accepted(frame, batch) {
      const item = store.outbox.get(frame.id);
      if (item?.conversation === frame.conversation) await takeAccepted(frame, item, batch);
      else tracks.of(frame.conversation)?.place(frame.seq);
      batch.effect(() => {
        sender.settled(frame.conversation, frame.id);
        gaps.look(frame.conversation);
      });
    },
  };
}

/** The seqs of messages between which none is left out; null of others. */
function runOf(messages: readonly Envelope[]): Stretch | null {
  const [from, to] = [messages[0]?.seq, messages.at(-1)?.seq];
  return from !== undefined && to !== undefined && to - from === messages.length - 1 ? { from, to } : null;
}

/** What the relay was asked for and does not have any more (its retention took it) is no hole to wait for. */
function skipLost(track: Track, asked: Stretch, firstSeq: number | undefined, head: number): void {
  if (head < asked.from) track.endsAt(head);
  else if (asked.from !== track.prefix + 1) return;
  else if (firstSeq === undefined) track.skipTo(Math.min(asked.to, head));
  else track.skipTo(firstSeq - 1);
}

function unknownConversation(): ParleyError {
  return new ParleyError('unavailable', { message: 'A new conversation is being fetched from the relay.' });
}

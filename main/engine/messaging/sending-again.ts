/** Puts own messages that the relay lost into the outbox again: under their ids, with the same bytes, in their order. */
import type { MediaItem } from '../../../protocol/index.ts';
import type { MediaRef } from '../../../bridge/media-views.ts';
import type { Log } from '../runtime/log.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { isChange, isShown, textOf, type Decoded } from '../storage/decoded.ts';
import type { LostOwn } from '../storage/lost-messages.ts';
import type { OutboxKind } from '../storage/outbox-table.ts';
import type { Store } from '../storage/store.ts';
import type { Changes } from './changes.ts';
import { decodedContent } from './decode.ts';

export interface SendingAgain {
  /**
   * Works until no own message is lost. Calls wait for one another. Stopped half-way it goes on with the next call, and the
   * order stays: the last messages go into the outbox first, and each goes before all that is there.
   */
  run(): Promise<void>;
  /** Whether there is anything to do. */
  isDue(): boolean;
  /** Resolves when nothing is being done, however it ended. */
  idle(): Promise<void>;
}

interface SendingAgainDeps {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly changes: Changes;
  readonly log: Log;
  /** Called in the transaction that puts a message with files into the outbox: the relay may lack them, too. */
  readonly offerFile: (item: MediaItem, ref: MediaRef) => void;
  /** Once they are in the outbox. */
  readonly onQueued: (conversations: ReadonlySet<LostOwn['conversation']>) => void;
}

interface Readable {
  readonly message: LostOwn;
  readonly content: Uint8Array;
  readonly decoded: NonNullable<Decoded>;
}

const atOnce = 500;

export function createSendingAgain(deps: SendingAgainDeps): SendingAgain {
  const { store, sealer, changes, log } = deps;
  let running: Promise<void> | null = null;

  async function work(): Promise<void> {
    for (;;) {
      const lost = store.lost.own(atOnce);
      if (lost.length === 0) return;
      const read = await Promise.all(lost.map(readLost));
      store.transact(() => {
        for (const [place, message] of lost.entries()) settle(message, read[place] ?? null);
        for (const conversation of conversationsOf(lost)) store.conversations.settleActivity(conversation);
      });
      log.info('relay.sending_again', { messages: lost.length });
      for (const conversation of conversationsOf(lost)) {
        changes.reload(conversation);
        changes.conversation(conversation);
      }
      deps.onQueued(conversationsOf(lost));
    }
  }

  async function readLost(message: LostOwn): Promise<Readable | null> {
    const { conversation, id, payload } = message;
    const content = (await sealer.reopen?.(conversation, { id, payload })) ?? null;
    const decoded = content ? decodedContent(content) : null;
    return content && decoded && decoded.kind !== 'unsupported' ? { message, content, decoded } : null;
  }

  function settle({ rowid, id }: LostOwn, read: Readable | null): void {
    // A message that came back while it was read is not lost any more.
    if (!store.lost.isLost(rowid, id)) return;
    if (!read) return store.lost.giveUp(rowid);
    // What the account's devices agree on is said anew by them, as it is by now.
    if (read.decoded.kind !== 'account') queue(read);
    store.lost.settle(rowid);
  }

  function queue({ message: { conversation, id, time, payload }, content, decoded }: Readable): void {
    const epoch = store.conversations.position(conversation)?.epoch ?? 0;
    const { text, replyTo } = textOf(decoded);
    const kind: OutboxKind = isShown(decoded) ? 'message' : decoded.kind;
    const target = isChange(decoded) ? decoded.target : null;
    const said = decoded.kind === 'edit' ? decoded.text : text;
    const item = {
      conversation,
      id,
      kind,
      target,
      content: new Uint8Array(content),
      text: said,
      replyTo,
      typedAt: time,
    };
    store.outbox.addAgain(item, { epoch, payload });
    if (decoded.kind !== 'media') return;
    for (const [place, file] of decoded.items.entries())
      deps.offerFile(file, { conversation, message: id, item: place });
  }

  return {
    idle: async () => void (await running?.catch(() => {})),
    isDue: () => store.lost.own(1).length > 0,
    run() {
      running ??= work().finally(() => (running = null));
      return running;
    },
  };
}

function conversationsOf(lost: readonly LostOwn[]): ReadonlySet<LostOwn['conversation']> {
  return new Set(lost.map(({ conversation }) => conversation));
}

/** Writes one conversation: every entry of its log as a line of JSON, and what a person sees of it as web pages. */
import { join } from 'node:path';
import { decodeContent, type BlobId, type ConversationId } from '../../../../protocol/index.ts';
import { decodeWaiting } from '../../media/draft.ts';
import type { KnownItem } from '../../media/item-view.ts';
import { contentKind } from '../../messaging/decode.ts';
import type { Sealer } from '../../sealing/sealer.ts';
import type { ArchivedMessage } from '../../storage/archive-table.ts';
import type { Store } from '../../storage/store.ts';
import { breathe, type Work } from '../work.ts';
import type { ConversationPages } from './html/conversation-pages.ts';
import type { MessageLine, WaitingLine } from './export-format.ts';
import { readableContent } from './readable-content.ts';
import { createTextFile, type TextFile } from './text-file.ts';

interface ConversationDeps {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly folder: string;
  readonly paths: ReadonlyMap<BlobId, string>;
  readonly work: Work;
  /** Messages, shown or not, that were written. */
  readonly onWritten: (messages: number) => void;
}

/** Small enough to stay within some megabytes even when every message is as long as can be. */
const messagesAtOnce = 100;

/** @param lines path of the JSON lines in the export. @returns how many messages a person sees. */
export async function exportConversation(
  deps: ConversationDeps,
  conversation: ConversationId,
  lines: string,
  pages: ConversationPages,
): Promise<number> {
  const file = await createTextFile(join(deps.folder, lines));
  try {
    const shown = await writeLog(deps, conversation, file, pages);
    for (const line of waitingLines(deps.store, conversation)) await writeLine(file, line);
    await file.finish();
    await pages.finish();
    return shown;
  } finally {
    await file.close();
    await pages.close();
  }
}

async function writeLog(
  deps: ConversationDeps,
  conversation: ConversationId,
  file: TextFile,
  pages: ConversationPages,
): Promise<number> {
  const { store, paths, work } = deps;
  let shown = 0;
  for (let after = 0; ;) {
    const messages = store.archive.messages(conversation, after, messagesAtOnce);
    const last = messages.at(-1);
    if (!last) return shown;
    const files = store.media.of(messages.map(({ rowid }) => rowid));
    const reactions = store.archive.reactions(
      conversation,
      messages.map(({ id }) => id),
    );
    for (const message of messages) {
      const items = files.get(message.rowid) ?? [];
      await writeLine(file, await messageLine(deps, conversation, message, items));
      if (message.contentKind === null) continue;
      shown++;
      await pages.add({ message, items, reactions: reactions.get(message.id) ?? [], paths });
    }
    after = last.seq;
    deps.onWritten(messages.length);
    await breathe(work);
  }
}

async function messageLine(
  { sealer, paths }: ConversationDeps,
  conversation: ConversationId,
  message: ArchivedMessage,
  items: readonly KnownItem[],
): Promise<MessageLine> {
  const { seq, id, time, sender, device, kind, text, edited, deleted, payload, payloadHash } = message;
  const opened = kind === contentKind && !deleted ? await sealer.reopen?.(conversation, { id, payload }) : null;
  return {
    type: 'message',
    seq,
    id,
    time: new Date(time).toISOString(),
    sender,
    device,
    kind,
    content: opened ? readableContent(decodeContent(opened)) : null,
    text,
    edited,
    deleted,
    files: items.flatMap(({ blob }) => (blob ? [{ blob, path: paths.get(blob) ?? null }] : [])),
    payload: Buffer.from(payload).toString('base64'),
    payloadHash: payloadHash && Buffer.from(payloadHash).toString('base64'),
  };
}

function waitingLines(store: Store, conversation: ConversationId): WaitingLine[] {
  return store.outbox
    .all()
    .filter((item) => item.conversation === conversation)
    .map(({ id, typedAt, state, content }) => ({
      type: 'waiting',
      id,
      time: new Date(typedAt).toISOString(),
      state,
      content: readableContent(decodeWaiting(content)),
    }));
}

function writeLine(file: TextFile, line: MessageLine | WaitingLine): Promise<void> {
  return file.write(`${JSON.stringify(line)}\n`);
}

/** Sends one message of files: thumbnails within the budget, bytes named or handed over, and nothing left behind. */
import type { Bridge } from '../../../bridge/page-client.ts';
import type { MessageView } from '../../../bridge/views.ts';
import type { ConversationId, MessageId } from '../ids.ts';
import type { Outgoing } from './attachment.svelte.ts';
import { itemToSend, sourceOf, type ItemToSend } from './item-to-send.ts';
import type { Reading } from './reading.ts';
import { thumbnailBudget } from './thumbnail-budget.ts';

export interface SendBridge extends Pick<Bridge, 'grantFile'> {
  readonly engine: Pick<Bridge['engine'], 'invoke'>;
}

export interface SendParts {
  readonly bridge: SendBridge;
  readonly makeThumbnail: (preview: Blob, mostBytes: number) => Promise<Uint8Array | null>;
  /** Hears of each piece that had to be handed over. */
  readonly onBytes: (bytes: number) => void;
}

export interface FilesMessage {
  readonly conversation: ConversationId;
  readonly replyTo: MessageId | null;
  readonly text: string;
  readonly files: readonly { readonly outgoing: Outgoing; readonly reading: Reading }[];
}

/** @throws ParleyError when it is not in the outbox; what was handed over for it is taken back. */
export async function sendFiles(parts: SendParts, message: FilesMessage): Promise<MessageView> {
  const { conversation, text, replyTo } = message;
  const { engine } = parts.bridge;
  const items: ItemToSend[] = [];
  try {
    await addItems(items, parts, message);
    return await engine.invoke('media.send', { conversation, items, text, ...(replyTo === null ? {} : { replyTo }) });
  } catch (error) {
    const stages = items.flatMap(({ source }) => (source.from === 'stage' ? [source.stage] : []));
    if (stages.length > 0) engine.invoke('media.unstage', { stages }).catch(() => undefined);
    throw error;
  }
}

async function addItems(items: ItemToSend[], parts: SendParts, { files, text }: FilesMessage): Promise<void> {
  const { bridge, makeThumbnail, onBytes } = parts;
  const named = files.map(({ outgoing, reading }) => ({ name: outgoing.name, hasThumbnail: reading.preview !== null }));
  const budget = thumbnailBudget(named, text);
  for (const { outgoing, reading } of files) {
    const [thumbnail, source] = await Promise.all([
      // A file without a thumbnail is better than none.
      reading.preview ? makeThumbnail(reading.preview, budget).catch(() => null) : null,
      sourceOf(outgoing, { engine: bridge.engine, grantFile: bridge.grantFile, onBytes }),
    ]);
    items.push(itemToSend(outgoing, reading, thumbnail, source));
  }
}

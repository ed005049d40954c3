/** Files for tests of the engine: made on disk, granted by the host, sent, read back. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InputOf } from '../../bridge/contract.ts';
import type { EngineContract } from '../../bridge/engine-contract.ts';
import type { MediaItemView, MediaRef } from '../../bridge/media-views.ts';
import type { MessageView } from '../../bridge/views.ts';
import type { HeadlessClient } from '../../main/engine/headless.ts';
import type { ConversationId } from '../../protocol/index.ts';

export type ItemToSend = InputOf<EngineContract, 'media.send'>['items'][number];

/** The smallest bytes that begin as a JPEG does. */
export const tinyJpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

export async function grantedFile(
  client: HeadlessClient,
  folder: string,
  name: string,
  bytes: Uint8Array,
  facts: Partial<ItemToSend> = {},
): Promise<ItemToSend> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const [grant] = await client.guest.invoke('files.grant', { paths: [path] });
  if (!grant) throw new Error('The file was not granted.');
  const source = { from: 'grant' as const, grant: grant.grant };
  return { kind: 'file', name: grant.name, type: 'application/octet-stream', ...facts, source };
}

/** Stages bytes in pieces, as a page does. */
export async function stagedFile(
  client: HeadlessClient,
  name: string,
  bytes: Uint8Array,
  facts: Partial<ItemToSend> = {},
  pieceBytes = 100_000,
): Promise<ItemToSend> {
  let { stage } = await client.invoke('media.stage', { bytes: bytes.subarray(0, pieceBytes) });
  for (let at = pieceBytes; at < bytes.byteLength; at += pieceBytes) {
    ({ stage } = await client.invoke('media.stage', { stage, bytes: bytes.subarray(at, at + pieceBytes) }));
  }
  return { kind: 'file', name, type: 'application/octet-stream', ...facts, source: { from: 'stage', stage } };
}

export function sendFiles(
  client: HeadlessClient,
  conversation: ConversationId,
  items: ItemToSend[],
  text = '',
): Promise<MessageView> {
  return client.invoke('media.send', { conversation, items, text });
}

export function itemsOf({ content }: MessageView): MediaItemView[] {
  return content.kind === 'media' ? content.items : [];
}

export function refOf({ conversation, id: message }: MessageView, item = 0): MediaRef {
  return { conversation, message, item };
}

/** Reads a whole file as the shell does for a page. */
export async function readWhole(client: HeadlessClient, ref: MediaRef): Promise<Buffer> {
  const { bytes } = await client.guest.invoke('media.describe', ref);
  const parts: Uint8Array[] = [];
  for (let from = 0; from < bytes;) {
    const part = await client.guest.invoke('media.read', { ...ref, from, length: bytes });
    parts.push(part);
    from += part.byteLength;
  }
  return Buffer.concat(parts);
}

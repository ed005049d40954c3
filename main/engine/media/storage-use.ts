/** What files take on this computer, and giving that room back. */
import { statfs } from 'node:fs/promises';
import type { StorageUsage } from '../../../bridge/media-views.ts';
import type { BlobId, ConversationId, DeviceId } from '../../../protocol/index.ts';
import type { BlobVault } from '../blobs/blob-vault.ts';
import type { Store } from '../storage/store.ts';
import type { HeldFile } from '../storage/usage-table.ts';

interface StorageUseDeps {
  readonly store: Store;
  readonly vault: BlobVault;
  /** Of the account. */
  readonly folder: string;
  readonly device: () => DeviceId;
}

export interface Freed {
  readonly bytes: number;
  readonly files: number;
  readonly blobs: readonly BlobId[];
  readonly conversations: readonly ConversationId[];
}

/** The largest conversation first. */
export async function readUsage({ store, folder, device }: StorageUseDeps): Promise<StorageUsage> {
  const held = store.usage.held(device());
  const disk = await statfs(folder);
  const conversations = [...new Set(held.map(({ conversation }) => conversation))].map((conversation) => {
    const files = held.filter((file) => file.conversation === conversation);
    const title = store.conversationViews.get(conversation)?.title ?? '';
    return { conversation, title, bytes: sumOf(files), files: files.length };
  });
  return {
    totalBytes: sumOf(onceEach(held)),
    freeBytes: disk.bavail * disk.bsize,
    conversations: conversations.sort((one, other) => other.bytes - one.bytes),
  };
}

/** Removes files that can be had again, of one conversation or of all. A file that any conversation still needs stays. */
export async function freeStorage(
  { store, vault, device }: StorageUseDeps,
  conversation: ConversationId | null,
): Promise<Freed> {
  await vault.flush();
  const held = store.usage.held(device());
  const needed = new Set<BlobId>(held.filter(({ removable }) => !removable).map(({ blob }) => blob));
  const freed: HeldFile[] = [];
  for (const file of onceEach(held.filter((file) => conversation === null || file.conversation === conversation))) {
    if (needed.has(file.blob)) continue;
    await vault.remove(file.blob);
    freed.push(file);
  }
  const blobs = new Set(freed.map(({ blob }) => blob));
  const touched = held.filter(({ blob }) => blobs.has(blob)).map((file) => file.conversation);
  return { bytes: sumOf(freed), files: freed.length, blobs: [...blobs], conversations: [...new Set(touched)] };
}

function onceEach(files: readonly HeldFile[]): HeldFile[] {
  return [...new Map(files.map((file) => [file.blob, file])).values()];
}

function sumOf(files: readonly HeldFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

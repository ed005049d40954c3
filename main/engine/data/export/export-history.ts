/** Writes everything of the account into a new folder: for reading by people and programs, and for taking in again. */
import { mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ParleyError } from '../../../../protocol/index.ts';
import { isMissingFile, syncFolder, writeDurably } from '../../blobs/durable-files.ts';
import type { BlobVault } from '../../blobs/blob-vault.ts';
import type { Sealer } from '../../sealing/sealer.ts';
import type { AccountRecord } from '../../storage/profile-store.ts';
import type { Store } from '../../storage/store.ts';
import type { JobResult, Work } from '../work.ts';
import { exportConversation } from './export-conversation.ts';
import { exportFiles, type ExportedFiles } from './export-files.ts';
import { exportFormat, type ExportHead } from './export-format.ts';
import { createConversationPages } from './html/conversation-pages.ts';
import { indexPage } from './html/index-page.ts';
import { titleOf } from './title-of.ts';
import { createUniqueNames } from './unique-names.ts';

export interface ExportDeps {
  readonly store: Store;
  readonly vault: BlobVault;
  readonly sealer: Sealer;
  readonly record: AccountRecord;
  readonly appVersion: string;
  /** Relay time. */
  readonly now: number;
}

/** @throws ParleyError `bad_request` when something is in the folder already. */
export async function assertEmpty(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    if (isMissingFile(error)) return;
    throw error;
  }
  throw new ParleyError('bad_request', {
    message: 'There is something in that folder already. Choose a new or an empty one.',
  });
}

/** It is there whole, or not at all. */
export async function exportHistory(deps: ExportDeps, folder: string, work: Work): Promise<JobResult> {
  const part = await work.temporary(folder);
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(part, { mode: 0o700 });
  for (const name of [exportFormat.files, exportFormat.conversations]) await mkdir(join(part, name));
  const files = await exportFiles({ ...deps, folder: part, work });
  const head = await writeConversations(deps, part, files, work);
  await writeText(join(part, exportFormat.index), indexPage(head));
  await writeText(join(part, exportFormat.head), `${JSON.stringify(head, null, 2)}\n`);
  work.signal.throwIfAborted();
  await takePlace(part, folder);
  return { messages: head.messages, files: head.files, missingFiles: head.missingFiles, leftOut: 0 };
}

async function writeConversations(
  deps: ExportDeps,
  folder: string,
  files: ExportedFiles,
  work: Work,
): Promise<ExportHead> {
  const { store, sealer, record } = deps;
  const { archive } = store;
  const conversations = archive.conversations();
  const total = conversations.reduce((sum, { messages }) => sum + messages, 0);
  const nameFor = createUniqueNames();
  const entries: ExportHead['conversations'] = [];
  let written = 0;
  const onWritten = (messages: number) => work.progress((written += messages), total);
  for (const [index, conversation] of conversations.entries()) {
    const { id, kind, members, messages: inLog } = conversation;
    const title = titleOf(conversation, record.account.id);
    const name = nameFor(`${String(index + 1).padStart(4, '0')} ${title.slice(0, 60)}`);
    const base = `${exportFormat.conversations}/${name}`;
    const pages = createConversationPages({ folder: join(folder, exportFormat.conversations), name, title });
    const lines = `${base}.jsonl`;
    const messages = await exportConversation({ ...files, store, sealer, folder, work, onWritten }, id, lines, pages);
    entries.push({ id, kind, title, members: [...members], lines, page: `${base}.html`, messages, entries: inLog });
  }
  return headOf(deps, entries, files);
}

function headOf(
  { store, record, appVersion, now }: ExportDeps,
  conversations: ExportHead['conversations'],
  { paths, missing }: ExportedFiles,
): ExportHead {
  const { account, relay, address } = record;
  const { id, username, displayName, email, phone } = account;
  return {
    format: exportFormat.name,
    version: exportFormat.version,
    exportedAt: new Date(now).toISOString(),
    app: `Parley ${appVersion}`,
    relay: { id: relay.id, name: relay.name, address },
    account: { id, username, displayName, email, phone },
    messages: conversations.reduce((sum, { messages }) => sum + messages, 0),
    files: paths.size,
    missingFiles: missing,
    conversations,
    drafts: store.archive.drafts(),
  };
}

const writeText = (path: string, text: string) => writeDurably(path, new TextEncoder().encode(text));

/** An empty folder that was there gives way. */
async function takePlace(part: string, folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    if (!isMissingFile(error)) throw error;
  });
  await rename(part, folder);
  await syncFolder(dirname(folder));
}

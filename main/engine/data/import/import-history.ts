/** Takes in what an export of the same account holds and this device lacks. The log here is never changed, only filled. */
import { join } from 'node:path';
import type { BlobId, ConversationId } from '../../../../protocol/index.ts';
import type { AccountValueIntake } from '../../account-values/account-value-intake.ts';
import type { BlobVault } from '../../blobs/blob-vault.ts';
import type { Changes } from '../../messaging/changes.ts';
import type { Sealer } from '../../sealing/sealer.ts';
import type { AccountRecord } from '../../storage/profile-store.ts';
import type { Store } from '../../storage/store.ts';
import { messageLineSchema, type ReadMessageLine } from '../export/export-format.ts';
import { breathe, type JobResult, type Work } from '../work.ts';
import { importFile } from './import-file.ts';
import { importMessages } from './import-messages.ts';
import { readExportHead, type ReadHead } from './read-head.ts';
import { readJsonLines } from './read-lines.ts';

export interface ImportDeps {
  readonly store: Store;
  readonly vault: BlobVault;
  readonly sealer: Sealer;
  readonly changes: Pick<Changes, 'reload' | 'conversation'>;
  readonly accountValues: AccountValueIntake;
  readonly record: AccountRecord;
  /** Deletions may have come: files that they concern go. */
  readonly onErased: () => void;
}

type Entry = ReadHead['conversations'][number];

const linesAtOnce = 100;

/** Stopped in the middle, what came in so far stays; doing it again goes on from there. */
export async function importHistory(deps: ImportDeps, folder: string, work: Work): Promise<JobResult> {
  const head = await readExportHead(folder, deps.record);
  const total = head.conversations.reduce((sum, { entries }) => sum + entries, 0);
  const files = createFileIntake(deps, folder, work);
  let messages = 0;
  let leftOut = 0;
  let done = 0;

  async function takeBatch(conversation: ConversationId, batch: readonly unknown[]): Promise<void> {
    const lines = batch.map((line) => messageLineSchema.safeParse(line)).flatMap(({ data }) => data ?? []);
    const taken = await importMessages(deps, conversation, lines);
    messages += taken.messages;
    leftOut += taken.leftOut + batch.length - lines.length;
    await files.take(conversation, lines);
    if (taken.messages > 0) deps.changes.reload(conversation);
    work.progress((done += batch.length), total);
    await breathe(work);
  }

  async function takeConversation({ id, lines, entries }: Entry): Promise<void> {
    if (!deps.store.conversations.has(id)) {
      leftOut += entries;
      return;
    }
    let batch: unknown[] = [];
    for await (const line of logLines(join(folder, lines))) {
      batch.push(line);
      if (batch.length < linesAtOnce) continue;
      await takeBatch(id, batch);
      batch = [];
    }
    if (batch.length > 0) await takeBatch(id, batch);
  }

  for (const conversation of head.conversations) {
    try {
      await takeConversation(conversation);
    } finally {
      settle(deps, conversation.id);
    }
  }
  return { messages, leftOut, ...files.counts() };
}

/** What waited to be sent is no part of the log. */
async function* logLines(path: string): AsyncGenerator<unknown> {
  for await (const line of readJsonLines(path)) {
    if (typeof line === 'object' && line !== null && 'type' in line && line.type === 'waiting') continue;
    yield line;
  }
}

function settle({ store, changes, onErased }: ImportDeps, conversation: ConversationId): void {
  if (!store.conversations.has(conversation)) return;
  store.transact(() => {
    store.conversations.recountUnread(conversation);
    store.conversations.settleActivity(conversation);
  });
  changes.conversation(conversation);
  onErased();
}

/** Files of the messages that are here now; each is looked at once, however often it was sent. */
function createFileIntake({ store, vault, changes }: ImportDeps, folder: string, work: Work) {
  const seen = new Set<BlobId>();
  let taken = 0;
  let missing = 0;

  return {
    async take(conversation: ConversationId, lines: readonly ReadMessageLine[]): Promise<void> {
      const paths = new Map(lines.flatMap(({ files }) => files.map(({ blob, path }) => [blob, path] as const)));
      if (paths.size === 0) return;
      const placed = store.media.inMessages(
        conversation,
        lines.map(({ id }) => id),
      );
      for (const file of placed.filter(({ held, blob }) => !held && !seen.has(blob))) {
        seen.add(file.blob);
        const path = paths.get(file.blob) ?? null;
        const isHere = path !== null && (await importFile(vault, file, join(folder, path), work));
        if (isHere) taken++;
        else missing++;
        if (isHere) changes.reload(conversation);
      }
    },
    counts: () => ({ files: taken, missingFiles: missing }),
  };
}

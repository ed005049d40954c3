/** Takes a message with files into the outbox: from then on it is sealed and sent, whatever happens. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { ParsedInputOf } from '../../../bridge/contract.ts';
import { stat } from 'node:fs/promises';
import { createId, limits, ParleyError, type MessageId } from '../../../protocol/index.ts';
import type { BlobRef } from '../blobs/blob-vault.ts';
import type { EngineVault } from '../blobs/create-blob-vault.ts';
import type { Store } from '../storage/store.ts';
import { assertFits, encodeDraft, type DraftItem, type MediaDraft } from './draft.ts';
import type { Grants } from './grants.ts';
import type { Outgoing } from './outgoing.ts';
import { presentable } from './presentable.ts';
import { encodeSources, type Sources } from './sources.ts';
import type { Stages } from './stages.ts';

type SendInput = ParsedInputOf<EngineContract, 'media.send'>;
type ItemInput = SendInput['items'][number];

interface SendDeps {
  readonly store: Store;
  readonly vault: EngineVault;
  readonly grants: Grants;
  readonly stages: Stages;
  readonly outgoing: Outgoing;
  readonly now: () => number;
}

/**
 * @returns the message's id, and whether all its files are sealed already.
 * @throws ParleyError `bad_request` beyond a limit, `file_unreadable`, `storage_failed`.
 */
export async function sendMedia(deps: SendDeps, input: SendInput): Promise<Sent> {
  const staged = input.items.flatMap(({ source }) => (source.from === 'stage' ? [source.stage] : []));
  try {
    const sent = await takeIn(deps, input);
    for (const stage of staged) deps.stages.settle(stage);
    return sent;
  } catch (error) {
    for (const stage of staged) deps.stages.giveBack(stage);
    throw error;
  }
}

interface Sent {
  readonly id: MessageId;
  readonly isSealed: boolean;
}

async function takeIn(
  { store, vault, grants, stages, outgoing, now }: SendDeps,
  { conversation, items, text, replyTo }: SendInput,
): Promise<Sent> {
  const id = createId<MessageId>();
  const found = await findSources({ grants, stages }, items);
  const draft: MediaDraft = {
    kind: 'media',
    items: items.map((item, index) => draftItem(item, found[index])),
    ...(text === '' ? {} : { text }),
    ...(replyTo ? { replyTo } : {}),
  };
  assertFits(draft);
  const sources = encodeSources(found.map((source) => source.path));
  const staged = found.flatMap(({ ref }) => ref ?? []);
  const typedAt = now();
  const content = encodeDraft(draft);
  await vault.adopt(staged, () => {
    store.outbox.add({ conversation, id, content, text: text || null, replyTo: replyTo ?? null, typedAt, sources });
    store.conversations.touch(conversation, typedAt);
    if (sources === null) outgoing.enlist({ conversation, id }, draft);
  });
  return { id, isSealed: sources === null };
}

interface Found {
  readonly path: Sources[number];
  readonly ref: BlobRef | null;
  readonly bytes: number;
}

/** Waits for all of them even when one is not to be had: none may be claimed later than they are given back. */
async function findSources(from: Pick<SendDeps, 'grants' | 'stages'>, items: readonly ItemInput[]): Promise<Found[]> {
  const outcomes = await Promise.allSettled(items.map((item) => findSource(from, item)));
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

async function findSource(
  { grants, stages }: Pick<SendDeps, 'grants' | 'stages'>,
  { source }: ItemInput,
): Promise<Found> {
  if (source.from === 'stage') {
    const ref = await stages.claim(source.stage);
    return { path: null, ref, bytes: ref.bytes };
  }
  const path = grants.pathOf(source.grant);
  const { size } = await stat(path).catch(() => {
    throw gone();
  });
  if (size > limits.fileBytes) throw tooLarge();
  return { path, ref: null, bytes: size };
}

/** What a sender says is made presentable before it leaves, as receivers do again. */
function draftItem({ source: _source, ...facts }: ItemInput, found: Found | undefined): DraftItem {
  if (!found) throw new Error('A file without a source.');
  const { blob, key } = found.ref ?? {};
  return { ...presentable(facts), bytes: found.bytes, ...(blob && key ? { blob, key } : {}) };
}

function gone(): ParleyError {
  return new ParleyError('file_unreadable', {
    message: 'One of the files cannot be read any more. Check that it is still in its place, then choose it again.',
  });
}

function tooLarge(): ParleyError {
  return new ParleyError('bad_request', {
    message: `A file may have ${limits.fileBytes / 1024 ** 3} GiB at most. Send it in parts.`,
  });
}

/** Reads again what an earlier version of Parley could not, once after an update: "Update Parley to see this message". */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { Sealer } from '../sealing/sealer.ts';
import type { UnreadableMessage } from '../storage/messages-table.ts';
import type { Store } from '../storage/store.ts';
import type { Changes } from './changes.ts';
import { decodedContent } from './decode.ts';

interface RereadDeps {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly changes: Changes;
  readonly signal: AbortSignal;
}

/** Goes up with every kind of content that is added: 2 brought files. */
const contentVersion = 2;
const stateName = 'content-version';

/** Stopped half-way it begins again with the next start. */
export async function rereadMessages({ store, sealer, changes, signal }: RereadDeps): Promise<void> {
  const known = store.state.get(stateName, z.number()) ?? 1;
  if (known >= contentVersion || !sealer.reopen) return;
  for (let after: number | null = 0; after !== null;) {
    const { messages, last } = store.messages.unreadable(after);
    for (const message of messages) await reread({ store, sealer, changes }, message);
    await nextTurn();
    if (signal.aborted) return;
    after = last;
  }
  store.transact(() => store.state.set(stateName, contentVersion));
}

async function reread(
  { store, sealer, changes }: Omit<RereadDeps, 'signal'>,
  { rowid, conversation, id, payload }: UnreadableMessage,
): Promise<void> {
  const content = await sealer.reopen?.(conversation, { id, payload });
  const decoded = content ? decodedContent(content) : null;
  if (!decoded || decoded.kind === 'unsupported') return;
  store.transact(() => store.messages.reread(rowid, decoded));
  changes.message(conversation, id);
  changes.conversation(conversation);
}

/** Reads again what an earlier version of Parley could not, once after an update: "Update Parley to see this message". */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { ConversationId } from '../../../protocol/index.ts';
import type { AccountValueIntake } from '../account-values/account-value-intake.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { isChange, isShown, type Decoded } from '../storage/decoded.ts';
import type { UnreadableMessage } from '../storage/messages-table.ts';
import type { Store } from '../storage/store.ts';
import { tellChange } from './change-news.ts';
import type { Changes } from './changes.ts';
import { decodedContent } from './decode.ts';

interface RereadDeps {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly changes: Changes;
  readonly accountValues: Pick<AccountValueIntake, 'store' | 'stored'>;
  readonly signal: AbortSignal;
}

/** Goes up with every kind of content that is added: 2 brought files, 3 edits, deletions, reactions, account values. */
const contentVersion = 3;
const stateName = 'content-version';

/** Stopped half-way it begins again with the next start. */
export async function rereadMessages({ signal, ...deps }: RereadDeps): Promise<void> {
  const { store, sealer } = deps;
  const known = store.state.get(stateName, z.number()) ?? 1;
  if (known >= contentVersion || !sealer.reopen) return;
  for (let after: number | null = 0; after !== null;) {
    const { messages, last } = store.messages.unreadable(after);
    for (const message of messages) await reread(deps, message);
    await nextTurn();
    if (signal.aborted) return;
    after = last;
  }
  store.transact(() => store.state.set(stateName, contentVersion));
}

async function reread(deps: Omit<RereadDeps, 'signal'>, message: UnreadableMessage): Promise<void> {
  const { store, sealer, accountValues } = deps;
  const { rowid, conversation, envelope } = message;
  const content = await sealer.reopen?.(conversation, envelope);
  const decoded = content ? decodedContent(content) : null;
  if (!decoded || decoded.kind === 'unsupported') return;
  store.transact(() => {
    store.messages.reread(rowid, decoded);
    if (decoded.kind === 'account') accountValues.store(conversation, envelope, decoded.values);
    if (!isShown(decoded)) forgetAsMessage(store, conversation);
  });
  if (decoded.kind === 'account') accountValues.stored(conversation);
  tell(deps, message, decoded);
}

/** It was counted and shown as a message until now. */
function forgetAsMessage(store: Store, conversation: ConversationId): void {
  store.conversations.recountUnread(conversation);
  store.conversations.settleActivity(conversation);
}

function tell(
  { store, changes }: Pick<RereadDeps, 'store' | 'changes'>,
  { conversation, envelope: { id } }: UnreadableMessage,
  decoded: Decoded,
): void {
  if (isShown(decoded)) changes.message(conversation, id);
  else changes.removed(conversation, id);
  if (isChange(decoded)) tellChange({ store, changes }, conversation, decoded.target);
  changes.conversation(conversation);
}

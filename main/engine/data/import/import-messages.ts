/** Takes messages of an export into a conversation: only where this device has none, and never beyond the relay's log. */
import type { ConversationId, Envelope } from '../../../../protocol/index.ts';
import type { AccountValueIntake } from '../../account-values/account-value-intake.ts';
import { contentKind, decodedContent } from '../../messaging/decode.ts';
import type { Sealer } from '../../sealing/sealer.ts';
import type { Decoded } from '../../storage/decoded.ts';
import type { Store } from '../../storage/store.ts';
import type { ReadMessageLine } from '../export/export-format.ts';

export interface TakenIn {
  /** New ones that people see, so that they count. */
  readonly messages: number;
  readonly leftOut: number;
}

interface ImportMessagesDeps {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly accountValues: AccountValueIntake;
}

interface Opened {
  readonly envelope: Envelope;
  readonly decoded: Decoded;
  /** Of a message whose payload was erased. */
  readonly payloadHash: Uint8Array | null;
  readonly sender: ReadMessageLine['sender'];
}

/** All of them in one transaction. */
export async function importMessages(
  { store, sealer, accountValues }: ImportMessagesDeps,
  conversation: ConversationId,
  lines: readonly ReadMessageLine[],
): Promise<TakenIn> {
  const opened = await Promise.all(lines.map((line) => open(sealer, conversation, line)));
  let messages = 0;
  let leftOut = 0;
  let hasValues = false;

  function takeOne({ envelope, decoded, payloadHash, sender }: Opened): void {
    if (store.people.get(sender.id) === null) store.people.save(sender);
    store.messages.insert(conversation, envelope, decoded);
    if (payloadHash) store.archive.setErased(conversation, envelope.id, payloadHash);
    if (decoded?.kind === 'account') {
      hasValues = true;
      accountValues.store(conversation, envelope, decoded.values);
    }
  }

  store.transact(() => {
    const head = store.conversations.position(conversation)?.head ?? 0;
    for (const each of opened) {
      const place = each ? placeOf(store, conversation, each.envelope, head) : 'taken';
      if (place === 'taken') leftOut++;
      if (place !== 'free' || !each) continue;
      takeOne(each);
      if (isCounted(each.decoded)) messages++;
    }
  });
  if (hasValues) accountValues.stored(conversation);
  return { messages, leftOut };
}

/** `taken`: another message stands there, or the log does not reach so far. */
function placeOf(
  store: Store,
  conversation: ConversationId,
  { seq, id }: Envelope,
  head: number,
): 'free' | 'held' | 'taken' {
  const held = store.messages.idAt(conversation, seq);
  if (held === id) return 'held';
  return held !== null || seq > head || store.messages.has(conversation, id) ? 'taken' : 'free';
}

function isCounted(decoded: Decoded): boolean {
  return decoded?.kind === 'text' || decoded?.kind === 'media' || decoded?.kind === 'unsupported';
}

/** Null for a line without a payload that does not tell what it was. */
async function open(sealer: Sealer, conversation: ConversationId, line: ReadMessageLine): Promise<Opened | null> {
  const { seq, id, time, device, kind, sender } = line;
  const payload = new Uint8Array(Buffer.from(line.payload, 'base64'));
  const payloadHash = line.payloadHash === null ? null : new Uint8Array(Buffer.from(line.payloadHash, 'base64'));
  const envelope = { seq, id, user: sender.id, device, kind, time, payload };
  if (payload.byteLength > 0)
    return { envelope, decoded: await decode(sealer, conversation, envelope), payloadHash: null, sender };
  if (payloadHash === null) return null;
  return { envelope, decoded: line.deleted ? { kind: 'unsupported' } : null, payloadHash, sender };
}

async function decode(sealer: Sealer, conversation: ConversationId, envelope: Envelope): Promise<Decoded> {
  if (envelope.kind !== contentKind) return null;
  const content = await sealer.reopen?.(conversation, envelope);
  return content ? decodedContent(content) : { kind: 'unsupported' };
}

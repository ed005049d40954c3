/** Cuts a page of messages out of a conversation, around whatever the screen asks to begin at. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { ParsedInputOf } from '../../../bridge/contract.ts';
import type { MessagePage, MessageView } from '../../../bridge/views.ts';
import { ParleyError, type ConversationId } from '../../../protocol/index.ts';
import { lostSpacing } from '../storage/lost-messages.ts';
import type { MessageReader } from '../storage/message-reader.ts';
import { isBehindLog } from '../storage/message-view.ts';

type Anchor = ParsedInputOf<EngineContract, 'messages.page'>['anchor'];

const beyondAll = Number.MAX_SAFE_INTEGER;

/** Less than what lies between two messages there. */
const within = (order: number): number => (isBehindLog(order) ? 0.5 : lostSpacing / 2);

export function readPage(
  reader: MessageReader,
  conversation: ConversationId,
  anchor: Anchor,
  limit: number,
): MessagePage {
  const firstUnread = reader.firstUnread(conversation);
  const messages = messagesAt(reader, conversation, anchor, limit, firstUnread?.seq ?? null);
  const first = messages[0]?.order;
  const last = messages.at(-1)?.order;
  return {
    messages,
    hasOlder:
      first === undefined
        ? anchor.at === 'newer' && hasOlder(reader, conversation, anchor.than + within(anchor.than))
        : hasOlder(reader, conversation, first),
    hasNewer:
      last === undefined
        ? anchor.at === 'older' && hasNewer(reader, conversation, anchor.than - within(anchor.than))
        : hasNewer(reader, conversation, last),
    firstUnread: firstUnread?.id ?? null,
  };
}

function messagesAt(
  reader: MessageReader,
  conversation: ConversationId,
  anchor: Anchor,
  limit: number,
  unreadSeq: number | null,
): MessageView[] {
  switch (anchor.at) {
    case 'latest':
      return reader.older(conversation, beyondAll, limit);
    case 'older':
      return reader.older(conversation, anchor.than, limit);
    case 'newer':
      return reader.newer(conversation, anchor.than, limit);
    case 'first-unread':
      return unreadSeq === null
        ? reader.older(conversation, beyondAll, limit)
        : around(reader, conversation, unreadSeq, limit);
    case 'message': {
      const message = reader.byId(conversation, anchor.message);
      if (!message) throw new ParleyError('not_found', { message: 'This message is not on this computer.' });
      return around(reader, conversation, message.order, limit);
    }
  }
}

/** A third of the page before the given message, as context; the message itself always in it. */
function around(reader: MessageReader, conversation: ConversationId, order: number, limit: number): MessageView[] {
  const before = reader.older(conversation, order, Math.floor(limit / 3));
  const after = reader.newer(conversation, order - within(order), limit - before.length);
  const missing = limit - before.length - after.length;
  if (missing === 0) return [...before, ...after];
  const first = before[0]?.order ?? order;
  return [...reader.older(conversation, first, missing), ...before, ...after];
}

function hasOlder(reader: MessageReader, conversation: ConversationId, than: number): boolean {
  return reader.older(conversation, than, 1).length > 0;
}

function hasNewer(reader: MessageReader, conversation: ConversationId, than: number): boolean {
  return reader.newer(conversation, than, 1).length > 0;
}

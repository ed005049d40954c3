/** Cuts a page of messages out of a conversation, around whatever the screen asks to begin at. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { ParsedInputOf } from '../../../bridge/contract.ts';
import type { MessagePage, MessageView } from '../../../bridge/views.ts';
import { ParleyError, type ConversationId } from '../../../protocol/index.ts';
import type { Workspace } from '../account/workspace.ts';
import { lostSpacing } from '../storage/lost-messages.ts';
import type { MessageReader } from '../storage/message-reader.ts';
import { isBehindLog } from '../storage/message-view.ts';

type Anchor = ParsedInputOf<EngineContract, 'messages.page'>['anchor'];

const beyondAll = Number.MAX_SAFE_INTEGER;
/** Fetches for one page: there may be as many messages in a row that only change others. */
const mostAsked = 5;

/** Less than what lies between two messages there. */
const within = (order: number): number => (isBehindLog(order) ? 0.5 : lostSpacing / 2);

/**
 * Has the messages fetched first that a page at this place needs and that are not here yet.
 * @throws ParleyError `unavailable` or what kept the relay from answering, where the page has nothing to show without them.
 */
export async function bringPage(
  { store, newestFirst }: Pick<Workspace, 'store' | 'newestFirst'>,
  conversation: ConversationId,
  anchor: Anchor,
): Promise<void> {
  const missingAt = (order: number) => store.messageViews.missingAt(conversation, order);
  /** What comes may be nothing that is shown; then whoever scrolls on asks again. */
  const bringOlder = async (than: number) => {
    for (let asked = 0; asked < mostAsked && missingAt(than) === 'before'; asked++)
      await newestFirst.older(conversation);
  };
  switch (anchor.at) {
    case 'latest':
    case 'first-unread':
      await newestFirst.newest(conversation);
      await bringOlder(beyondAll).catch(onlyParleyErrors);
      if (isEmpty(store, conversation)) throw onTheirWay();
      return;
    case 'older':
      return bringOlder(anchor.than).catch((error: unknown) => {
        throw error instanceof ParleyError ? notHereYet(error) : error;
      });
    case 'newer':
      if (missingAt(anchor.than) === 'after') throw stillComing();
  }
}

/** Whether nothing can be shown of a conversation that has messages. */
function isEmpty({ conversations, messageViews }: Workspace['store'], conversation: ConversationId): boolean {
  const { stored, head } = conversations.position(conversation) ?? { stored: 0, head: 0 };
  return stored < head && messageViews.older(conversation, beyondAll, 1).length === 0;
}

function onlyParleyErrors(error: unknown): void {
  if (!(error instanceof ParleyError)) throw error;
}

function notHereYet({ code }: ParleyError): ParleyError {
  return new ParleyError(code, {
    message: 'Older messages are not on this computer yet. They come once the relay can be reached.',
  });
}

function onTheirWay(): ParleyError {
  return new ParleyError('unavailable', {
    message: 'They are not on this computer yet. They come as soon as the relay sends them.',
  });
}

function stillComing(): ParleyError {
  return new ParleyError('unavailable', {
    message: 'The messages that follow here are still on their way to this computer.',
  });
}

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
  return reader.older(conversation, than, 1).length > 0 || reader.missingAt(conversation, than) === 'before';
}

function hasNewer(reader: MessageReader, conversation: ConversationId, than: number): boolean {
  return reader.newer(conversation, than, 1).length > 0 || reader.missingAt(conversation, than) === 'after';
}

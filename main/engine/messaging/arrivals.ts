/** Tells the host of messages that a person may want to hear of. */
import type { GuestContract } from '../../../bridge/host-contract.ts';
import type { ContentView } from '../../../bridge/views.ts';
import { milliseconds, type ConversationId, type Envelope } from '../../../protocol/index.ts';
import { summaryOf, summaryWords } from '../media/summary.ts';
import type { EventHub } from '../runtime/event-hub.ts';
import type { Store } from '../storage/store.ts';
import type { RelayTime } from './relay-time.ts';

interface ArrivalDeps {
  readonly store: Store;
  readonly relayTime: RelayTime;
  readonly guest: EventHub<GuestContract>;
}

/** Of a burst in one conversation only the last few are worth a notification. */
const toldAtOnce = 3;
const toldCharacters = 500;

/** @param envelopes stored messages of others, in order. */
export function announceArrivals(
  { store, relayTime, guest }: ArrivalDeps,
  conversation: ConversationId,
  envelopes: readonly Envelope[],
): void {
  const since = relayTime.now() - milliseconds.minute;
  const recent = envelopes.filter(({ time }) => time >= since).slice(-toldAtOnce);
  if (recent.length === 0) return;
  const view = store.conversationViews.get(conversation);
  for (const { id, seq } of recent) {
    if (!view || seq <= view.readSeq) continue;
    const message = store.messageViews.byId(conversation, id);
    if (!message) continue;
    const { content, sender } = message;
    if (content.kind === 'deleted') continue;
    const title = view.kind === 'group' ? `${sender.displayName} · ${view.title}` : sender.displayName;
    guest.emit('message.arrived', { conversation, message: id, title, text: wordsOf(content) });
  }
}

function wordsOf(content: Exclude<ContentView, { kind: 'deleted' }>): string {
  if (content.kind === 'unsupported') return 'Update Parley to see this message.';
  const summary = content.kind === 'media' ? summaryOf(content.items) : null;
  const files = summary ? summaryWords(summary) : '';
  return [files, content.text.slice(0, toldCharacters)].filter((part) => part !== '').join(': ');
}

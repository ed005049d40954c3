/** Reads what a device's screens would show, by the commands that they use. */
import type { MessageView } from '../../../bridge/views.ts';
import type { ConversationId } from '../../../protocol/index.ts';
import type { RigEngine } from '../device/rig-engine.ts';
import type { DeviceState } from './findings.ts';

type Screens = Pick<DeviceState, 'views' | 'pins' | 'syncs'>;

/** @param engine null to read nothing. */
export async function readScreens(engine: RigEngine | null): Promise<Screens> {
  if (!engine) return { views: null, pins: null, syncs: null };
  const rows = await engine.invoke('conversations.list', {});
  const views = new Map<ConversationId, MessageView[]>();
  for (const { id } of rows) views.set(id, await allMessages(engine, id));
  return {
    views,
    pins: new Map(rows.map(({ id, pinnedAt }) => [id, pinnedAt])),
    syncs: await Promise.all(rows.map(({ id }) => engine.invoke('sync.status', { conversation: id }))),
  };
}

async function allMessages({ invoke }: RigEngine, conversation: ConversationId): Promise<MessageView[]> {
  const all: MessageView[] = [];
  for (let than = -1; ;) {
    const page = await invoke('messages.page', { conversation, anchor: { at: 'newer', than }, limit: 100 });
    all.push(...page.messages);
    const last = page.messages.at(-1);
    if (!last || !page.hasNewer) return all;
    than = last.order;
  }
}

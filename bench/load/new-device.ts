/** An engine's process: logs in (or is logged in), catches up, and tells how long it took (a JSON object). */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createHeadlessClient, type HeadlessClient } from '../../main/engine/headless.ts';
import { percentile } from './percentiles.ts';

export interface NewDeviceOrder {
  readonly dataDir: string;
  readonly address: string;
  readonly username: string;
  readonly password: string;
  readonly conversations: number;
  readonly messagesEach: number;
}

export interface NewDeviceReport {
  /** From the log-in until the first screenful of conversations is listed and the newest shows its last page. */
  readonly usableMs: number;
  /** From the log-in until every message is stored. */
  readonly completeMs: number;
  /** How long a page of messages took meanwhile (p99). */
  readonly pageMs: number;
  /** p99 of the event loop's delay meanwhile. */
  readonly loopP99Ms: number;
}

const shownRows = 12;
const pageRows = 50;

/** The first screen: rows with previews, and in the newest conversation a page that ends with its newest message. */
async function isUsable(client: HeadlessClient): Promise<boolean> {
  const rows = await client.invoke('conversations.list', { limit: shownRows });
  const [newest] = rows.filter(({ notes }) => !notes);
  if (!newest || rows.length < shownRows || rows.some(({ preview, notes }) => preview === null && !notes)) return false;
  const { messages } = await client.invoke('messages.page', {
    conversation: newest.id,
    anchor: { at: 'latest' },
    limit: pageRows,
  });
  return messages.length === pageRows && messages.at(-1)?.seq === newest.head;
}

async function isComplete(client: HeadlessClient, order: NewDeviceOrder): Promise<boolean> {
  if ((await client.invoke('connection.get')).state !== 'online') return false;
  let unread = 0;
  let after: { activeAt: number; id: (typeof page)[number]['id'] } | undefined;
  let page = await client.invoke('conversations.list', { limit: 500 });
  for (; page.length > 0; page = await client.invoke('conversations.list', { limit: 500, ...(after && { after }) })) {
    unread += page.reduce((sum, row) => sum + row.unread, 0);
    const last = page.at(-1);
    if (!last) break;
    after = { activeAt: last.activeAt, id: last.id };
  }
  return unread === order.conversations * order.messagesEach;
}

/** Asks again after each sign of progress. */
async function until(client: HeadlessClient, holds: () => Promise<boolean>): Promise<void> {
  let changed = (): void => {};
  const stops = [client.on('conversations.changed', () => changed()), client.on('connection.changed', () => changed())];
  for (;;) {
    const next = new Promise<void>((resolve) => (changed = resolve));
    if (await holds()) break;
    await next;
  }
  for (const stop of stops) stop();
}

const order = JSON.parse(process.argv[2] ?? '{}') as NewDeviceOrder;
const delay = monitorEventLoopDelay({ resolution: 2 });
const begun = performance.now();
const client = await createHeadlessClient(order);
delay.enable();
await until(client, () => isUsable(client));
const usableMs = performance.now() - begun;
const pages: number[] = [];
await until(client, async () => {
  const asked = performance.now();
  await isUsable(client);
  pages.push(performance.now() - asked);
  return isComplete(client, order);
});
const completeMs = performance.now() - begun;
delay.disable();
const report: NewDeviceReport = {
  usableMs,
  completeMs,
  pageMs: percentile(pages, 0.99),
  loopP99Ms: delay.percentile(99) / 1e6,
};
console.log(JSON.stringify(report));
await client.stop();

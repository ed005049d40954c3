/** An engine's process: opens a folder with a session, catches up, and tells how long it took (a JSON object). */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openHeadlessEngine, type HeadlessClient } from '../../main/engine/headless.ts';
import { ParleyError, type ConversationId } from '../../protocol/index.ts';

export interface EngineReport {
  /** From the start of the engine until every message is stored, indexed and counted as unread. */
  readonly caughtUpMs: number;
  /** From then until the newest page is at hand. */
  readonly pageMs: number;
  /** The longest that commands had to wait meanwhile (p99 of the event loop's delay). */
  readonly loopP99Ms: number;
}

export interface EngineOrder {
  readonly dataDir: string;
  readonly conversation: ConversationId;
  readonly messages: number;
}

async function caughtUp(client: HeadlessClient, { conversation, messages }: EngineOrder): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      client.invoke('conversations.get', { conversation }).then(
        ({ unread }) => {
          if (unread === messages) resolve();
        },
        (error: unknown) => {
          // The conversation itself may still be on its way.
          if (!(error instanceof ParleyError && error.code === 'not_found')) reject(error as Error);
        },
      );
    };
    client.on('conversations.changed', look);
    client.on('connection.changed', look);
    look();
  });
}

const order = JSON.parse(process.argv[2] ?? '{}') as EngineOrder;
const delay = monitorEventLoopDelay({ resolution: 2 });
const begun = performance.now();
delay.enable();
const client = await openHeadlessEngine({ dataDir: order.dataDir });
await caughtUp(client, order);
const caughtUpMs = performance.now() - begun;
delay.disable();
await client.invoke('messages.page', { conversation: order.conversation, anchor: { at: 'latest' } });
const pageMs = performance.now() - begun - caughtUpMs;
const report: EngineReport = { caughtUpMs, pageMs, loopP99Ms: delay.percentile(99) / 1e6 };
console.log(JSON.stringify(report));
await client.stop();

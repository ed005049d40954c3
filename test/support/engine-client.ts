/** Opens engines for tests: in a temporary folder, against a relay in the test's hands or a real one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openHeadlessEngine, type HeadlessClient } from '../../main/engine/headless.ts';
import type { EngineOptions } from '../../main/engine/options.ts';
import { encodeContent, ParleyError, type ConversationId } from '../../protocol/index.ts';
import type { MessagePage, MessageView } from '../../bridge/views.ts';
import { EngineClock } from './engine-clock.ts';
import { EngineRelay } from './engine-relay.ts';

/** Removed when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-engine-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** What the plain sealer makes of a text. */
export function sealedText(text: string): Uint8Array<ArrayBuffer> {
  const content = encodeContent({ kind: 'text', text });
  const payload = new Uint8Array(content.byteLength + 1);
  payload.set(content, 1);
  return payload;
}

export interface ScriptedSetting {
  readonly clock: EngineClock;
  readonly relay: EngineRelay;
  readonly dataDir: string;
  /** Opens the engine of the folder; logs in unless it is logged in. Closed when the test is over. */
  open(options?: Partial<EngineOptions>): Promise<HeadlessClient>;
}

export async function scriptedSetting(): Promise<ScriptedSetting> {
  const clock = new EngineClock();
  const relay = new EngineRelay(clock);
  const dataDir = await temporaryFolder();
  return {
    clock,
    relay,
    dataDir,
    async open(options = {}) {
      const client = await openHeadlessEngine({
        dataDir,
        clock,
        random: () => 0.5,
        openSocket: relay.openSocket,
        http: relay.http,
        ...options,
      });
      onTestFinished(() => client.stop());
      const session = await client.invoke('session.get');
      if (session.state === 'signed-out' && session.reason === 'never') {
        await client.invoke('session.login', { address: relay.base, username: 'ann', password: 'password' });
      }
      return client;
    },
  };
}

/** All messages of a conversation, read page by page, up to where some are missing. */
export async function allMessages(client: HeadlessClient, conversation: ConversationId): Promise<MessageView[]> {
  const messages: MessageView[] = [];
  for (let than = -1; ;) {
    const page = await pageAfter(client, conversation, than);
    if (!page) return messages;
    messages.push(...page.messages);
    const last = page.messages.at(-1);
    if (!last || !page.hasNewer) return messages;
    than = last.order;
  }
}

/** Null where the messages that follow are not here yet. */
async function pageAfter(
  client: HeadlessClient,
  conversation: ConversationId,
  than: number,
): Promise<MessagePage | null> {
  try {
    return await client.invoke('messages.page', { conversation, anchor: { at: 'newer', than }, limit: 100 });
  } catch (error) {
    if (error instanceof ParleyError && error.code === 'unavailable') return null;
    throw error;
  }
}

export function textOf({ content }: MessageView): string {
  return content.kind === 'text' ? content.text : '(unsupported)';
}

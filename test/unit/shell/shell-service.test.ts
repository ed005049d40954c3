import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fromWebPort } from '../../../bridge/ports.ts';
import { createRpcClient } from '../../../bridge/rpc.ts';
import { defaultSettings, shellContract, type AppInfo } from '../../../bridge/shell-contract.ts';
import { createShellService } from '../../../main/shell-service.ts';
import { createId, type ConversationId } from '../../../protocol/index.ts';
import { createLogStub } from './log-stub.ts';

vi.mock('electron', () => ({ clipboard: {}, shell: {}, systemPreferences: {} }));

const conversation = createId<ConversationId>();
const pages: { close(): void }[] = [];
afterEach(() => {
  for (const page of pages.splice(0)) page.close();
});

function create() {
  return createShellService({
    settings: { get: () => defaultSettings, set: () => defaultSettings, onChange: () => () => true },
    info: () => Promise.resolve({} as AppInfo),
    files: {
      save: () => Promise.resolve(false),
      open: () => Promise.resolve(),
      show: () => Promise.resolve(),
      clearOpened: () => Promise.resolve(),
    },
    data: {
      export: () => Promise.resolve(false),
      import: () => Promise.resolve(false),
      backup: () => Promise.resolve(false),
      restore: () => Promise.resolve(false),
    },
    dataDir: '/nowhere',
    log: createLogStub(),
  });
}

/** A page that connects and notes what it is told to open. */
function connectPage(service: ReturnType<typeof create>) {
  const { port1, port2 } = new MessageChannel();
  const client = createRpcClient(shellContract, fromWebPort(port2 as never));
  const opened: ConversationId[] = [];
  client.on('open.conversation', (event) => opened.push(event.conversation));
  service.serve(fromWebPort(port1 as never));
  const page = { client, opened, close: () => port2.close() };
  pages.push(page);
  return page;
}

describe('the shell’s service', () => {
  it('keeps the conversation to open until a page is there', async () => {
    const service = create();
    service.emit('open.conversation', { conversation: createId<ConversationId>() });
    service.emit('open.conversation', { conversation });
    const page = connectPage(service);
    await vi.waitFor(() => expect(page.opened).toEqual([conversation]));
    const next = connectPage(service);
    await next.client.invoke('settings.get');
    expect(next.opened).toEqual([]);
  });

  it('serves the newest page; the one before is cut off', async () => {
    const service = create();
    const first = connectPage(service);
    await first.client.invoke('page.showing', { conversation });
    const second = connectPage(service);
    await vi.waitFor(() => expect(first.client.invoke('settings.get')).rejects.toMatchObject({ code: 'unavailable' }));
    await expect(second.client.invoke('settings.get')).resolves.toEqual(defaultSettings);
  });

  it('knows which conversation is on screen, and that none is once the page is gone', async () => {
    const service = create();
    const page = connectPage(service);
    await page.client.invoke('page.showing', { conversation });
    expect(service.showing()).toBe(conversation);
    page.close();
    await vi.waitFor(() => expect(service.showing()).toBeNull());
  });
});

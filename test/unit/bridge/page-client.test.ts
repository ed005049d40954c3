import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bridgeMessages } from '../../../bridge/channels.ts';
import type { Handlers } from '../../../bridge/contract.ts';
import { engineContract, type EngineContract } from '../../../bridge/engine-contract.ts';
import { connectBridge } from '../../../bridge/page-client.ts';
import { fromWebPort } from '../../../bridge/ports.ts';
import { serveRpc } from '../../../bridge/rpc.ts';
import { defaultSettings, shellContract, type ShellContract } from '../../../bridge/shell-contract.ts';

type PageWindow = NonNullable<Parameters<typeof connectBridge>[0]>;
type PageListener = Parameters<PageWindow['addEventListener']>[1];

/** A window whose preload answers with real message channels, when the test lets it. */
class FakePage implements PageWindow {
  readonly location = { origin: 'parley-app://app' };
  readonly ports: MessagePort[] = [];
  requests = 0;
  readonly #listeners: PageListener[] = [];
  postMessage(message: unknown): void {
    if (message === bridgeMessages.connect) this.requests++;
  }
  addEventListener(_type: 'message', listener: PageListener): void {
    this.#listeners.push(listener);
  }
  /** What shell and engine do when they are up. */
  answer(): { shell: ReturnType<typeof serveShell>; crash: () => void } {
    const engine = new MessageChannel();
    const shell = new MessageChannel();
    this.ports.push(engine.port1, engine.port2, shell.port1, shell.port2);
    serveEngine(engine.port1);
    const server = serveShell(shell.port1);
    const event = { source: this, data: bridgeMessages.ports, ports: [engine.port2, shell.port2] } as never;
    for (const listener of this.#listeners) listener(event);
    return { shell: server, crash: () => engine.port1.close() };
  }
}

function serveEngine(port: MessagePort): void {
  const handlers = { 'connection.get': () => ({ state: 'online' }), 'connection.retry': () => new Promise(() => {}) };
  serveRpc(engineContract, handlers as unknown as Handlers<EngineContract>, fromWebPort(port as never), console.error);
}

function serveShell(port: MessagePort) {
  const handlers = { 'settings.get': () => defaultSettings } as unknown as Handlers<ShellContract>;
  return serveRpc(shellContract, handlers, fromWebPort(port as never), console.error);
}

let page: FakePage;
beforeEach(() => {
  page = new FakePage();
});
afterEach(() => {
  for (const port of page.ports) port.close();
});

async function connect() {
  const connecting = connectBridge(page);
  const answered = page.answer();
  return { bridge: await connecting, ...answered };
}

describe('the page’s end of the bridge', () => {
  it('asks for ports and speaks to engine and shell over them', async () => {
    const { bridge } = await connect();
    expect(page.requests).toBe(1);
    await expect(bridge.engine.invoke('connection.get')).resolves.toEqual({ state: 'online' });
    await expect(bridge.shell.invoke('settings.get')).resolves.toEqual(defaultSettings);
  });

  it('asks again when the engine is gone, fails what was under way, and tells the page when it is back', async () => {
    const { bridge, crash } = await connect();
    const told: string[] = [];
    bridge.onLost(() => told.push('lost'));
    bridge.onReconnect(() => told.push('reconnected'));
    const underWay = expect(bridge.engine.invoke('connection.retry')).rejects.toMatchObject({ code: 'unavailable' });
    crash();
    await underWay;
    await vi.waitFor(() => expect(page.requests).toBe(2));
    const waiting = bridge.engine.invoke('connection.get');
    page.answer();
    await expect(waiting).resolves.toEqual({ state: 'online' });
    expect(told).toEqual(['lost', 'reconnected']);
  });

  it('keeps listeners over a reconnect', async () => {
    const { bridge, crash } = await connect();
    const searches: null[] = [];
    bridge.shell.on('open.search', (data) => searches.push(data));
    crash();
    await vi.waitFor(() => expect(page.requests).toBe(2));
    page.answer().shell.emit('open.search', null);
    await vi.waitFor(() => expect(searches).toEqual([null]));
  });

  it('holds what the shell asked for until the page listens', async () => {
    const { bridge, shell } = await connect();
    shell.emit('open.search', null);
    await bridge.shell.invoke('settings.get');
    const heard = vi.fn();
    bridge.shell.on('open.search', heard);
    expect(heard).toHaveBeenCalledTimes(1);
    const later = vi.fn();
    bridge.shell.on('open.search', later);
    expect(later).not.toHaveBeenCalled();
  });

  it('fails calls that wait too long for an engine', async () => {
    const { bridge, crash } = await connect();
    crash();
    await vi.waitFor(() => expect(page.requests).toBe(2));
    vi.useFakeTimers();
    const failed = expect(bridge.engine.invoke('connection.get')).rejects.toMatchObject({ code: 'unavailable' });
    await vi.advanceTimersByTimeAsync(10_000);
    await failed;
    vi.useRealTimers();
  });
});

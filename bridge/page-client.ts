/** The page's end of the bridge: two clients that stay the same while engine and ports come and go. */
import { ParleyError } from '../protocol/index.ts';
import { bridgeMessages, filesKey, type PageFiles } from './channels.ts';
import { engineContract, type EngineContract } from './engine-contract.ts';
import type { FileGrant } from './media-views.ts';
import { fromWebPort, type WebPort } from './ports.ts';
import type { RpcClient } from './rpc.ts';
import { shellContract, type ShellContract } from './shell-contract.ts';
import { createStableClient } from './stable-client.ts';

export interface Bridge {
  readonly engine: RpcClient<EngineContract>;
  readonly shell: RpcClient<ShellContract>;
  /**
   * Lets the engine read a file that the person chose, dropped or pasted; null for one without a place on this computer.
   * @throws ParleyError `unavailable` while the engine is not there.
   */
  grantFile(file: unknown): Promise<FileGrant | null>;
  /** The engine was restarted: what the page shows may be old, so load it again. @returns takes the listener away. */
  onReconnect(listener: () => void): () => void;
  /** The engine stopped and is being restarted; `onReconnect` follows. @returns takes the listener away. */
  onLost(listener: () => void): () => void;
}

/** What of the page's `window` is used; written out because this folder has no DOM types. */
interface PageWindow {
  readonly location: { readonly origin: string };
  postMessage(message: unknown, targetOrigin: string): void;
  addEventListener(type: 'message', listener: (event: PageMessage) => void): void;
  readonly [filesKey]?: PageFiles;
}

interface PageMessage {
  readonly source: unknown;
  readonly data: unknown;
  readonly ports: readonly WebPort[];
}

/** How long a call waits for a restarting engine before it fails with `unavailable`. */
const patienceMs = 10_000;

/** Asks the shell for ports, and again whenever they are lost. Call it once. */
export function connectBridge(page: PageWindow = globalThis as unknown as PageWindow): Promise<Bridge> {
  const engine = createStableClient(engineContract, { patienceMs, holdEvents: false });
  const shell = createStableClient(shellContract, { patienceMs, holdEvents: true });
  const reconnected = new Set<() => void>();
  const lost = new Set<() => void>();
  const bridge: Bridge = {
    engine: engine.client,
    shell: shell.client,
    grantFile: async (file) => {
      try {
        return (await page[filesKey]?.grant(file)) ?? null;
      } catch (cause) {
        // Errors lose their kind on this way; there is but one that can be met here.
        throw new ParleyError('unavailable', { message: 'Parley is restarting. Try again in a moment.', cause });
      }
    },
    onReconnect: (listener) => subscribe(reconnected, listener),
    onLost: (listener) => subscribe(lost, listener),
  };
  const askForPorts = (): void => page.postMessage(bridgeMessages.connect, page.location.origin);
  let generation = 0;

  function usePorts(enginePort: WebPort, shellPort: WebPort): void {
    const own = ++generation;
    const port = fromWebPort(enginePort);
    port.onClose(() => {
      if (own !== generation) return;
      engine.detach();
      for (const listener of lost) listener();
      askForPorts();
    });
    engine.attach(port);
    shell.attach(fromWebPort(shellPort));
    if (own > 1) for (const listener of reconnected) listener();
  }

  return new Promise((resolve) => {
    page.addEventListener('message', ({ source, data, ports }) => {
      const [enginePort, shellPort] = ports;
      if (source !== page || data !== bridgeMessages.ports || !enginePort || !shellPort) return;
      usePorts(enginePort, shellPort);
      resolve(bridge);
    });
    askForPorts();
  });
}

function subscribe(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

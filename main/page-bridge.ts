/** The one owner of `ipcMain`: checks who asks, and gives the app page its two ports. */
import { ipcMain, MessageChannelMain, type IpcMainEvent, type WebContents } from 'electron';
import { bridgeChannels } from '../bridge/channels.ts';
import { fromElectronPort } from '../bridge/ports.ts';
import type { Port } from '../bridge/rpc.ts';
import { appPageOrigin } from './page-files.ts';
import type { EngineHost } from './engine-host.ts';
import type { Log } from './log.ts';

interface PageBridgeOptions {
  readonly engine: EngineHost;
  /** Serves the shell's contract to the page until the port closes. */
  readonly serveShell: (port: Port) => void;
  /** The system has a network again. */
  readonly onOnline: () => void;
  readonly log: Log;
}

export function setupPageBridge({ engine, serveShell, onOnline, log }: PageBridgeOptions): void {
  const requests = new WeakMap<WebContents, number>();

  ipcMain.on(bridgeChannels.connect, (event) => {
    if (!isFromAppPage(event)) return refuse(event, log);
    const { sender } = event;
    const request = (requests.get(sender) ?? 0) + 1;
    requests.set(sender, request);
    engine.whenRunning((addPage) => {
      if (sender.isDestroyed() || requests.get(sender) !== request) return;
      const enginePorts = new MessageChannelMain();
      const shellPorts = new MessageChannelMain();
      addPage(enginePorts.port1);
      serveShell(fromElectronPort(shellPorts.port1));
      sender.postMessage(bridgeChannels.ports, null, [enginePorts.port2, shellPorts.port2]);
    });
  });

  ipcMain.on(bridgeChannels.online, (event) => {
    if (isFromAppPage(event)) onOnline();
    else refuse(event, log);
  });
}

/** Only the top frame of a window that shows our page. */
function isFromAppPage({ senderFrame }: IpcMainEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && senderFrame.url.startsWith(`${appPageOrigin}/`);
}

function refuse({ senderFrame }: IpcMainEvent, log: Log): void {
  log.warn('bridge.refused', { origin: senderFrame?.origin ?? null });
}

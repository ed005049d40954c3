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

/**
 * A page that asked once gets new ports from each engine that starts to run, asked for or not: what it asked while an
 * engine had ended but not yet been missed went to nobody, and no port tells of that.
 */
export function setupPageBridge({ engine, serveShell, onOnline, log }: PageBridgeOptions): void {
  const pages = new Set<WebContents>();

  function connect(page: WebContents): void {
    const enginePorts = new MessageChannelMain();
    const shellPorts = new MessageChannelMain();
    engine.addPage(enginePorts.port1);
    serveShell(fromElectronPort(shellPorts.port1));
    page.postMessage(bridgeChannels.ports, null, [enginePorts.port2, shellPorts.port2]);
  }

  engine.onRunning(() => pages.forEach(connect));

  ipcMain.on(bridgeChannels.connect, (event) => {
    if (!isFromAppPage(event)) return refuse(event, log);
    const { sender } = event;
    if (!pages.has(sender)) sender.once('destroyed', () => pages.delete(sender));
    pages.add(sender);
    if (engine.isRunning()) connect(sender);
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

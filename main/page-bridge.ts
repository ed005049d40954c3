/** The one owner of `ipcMain`: checks who asks, gives each page its ports and the app page leave to read files. */
import { ipcMain, MessageChannelMain, type IpcMainEvent, type IpcMainInvokeEvent, type WebContents } from 'electron';
import { bridgeChannels } from '../bridge/channels.ts';
import type { FileGrant } from '../bridge/media-views.ts';
import { appPageOrigin, isOfPage, peerPageOrigin } from '../bridge/page-addresses.ts';
import { fromElectronPort } from '../bridge/ports.ts';
import type { Port } from '../bridge/rpc.ts';
import type { EngineHost } from './engine-host.ts';
import type { Log } from './log.ts';
import type { PeerPage } from './peer-page.ts';

interface PageBridgeOptions {
  readonly engine: EngineHost;
  readonly peers: PeerPage;
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
export function setupPageBridge({ engine, peers, serveShell, onOnline, log }: PageBridgeOptions): void {
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
    const { sender } = event;
    if (isFrom(peerPageOrigin, event) && peers.connect(sender)) return;
    if (!isFrom(appPageOrigin, event)) return refuse(event, log);
    if (!pages.has(sender)) sender.once('destroyed', () => pages.delete(sender));
    pages.add(sender);
    if (engine.isRunning()) connect(sender);
  });

  ipcMain.on(bridgeChannels.online, (event) => {
    if (isFrom(appPageOrigin, event)) onOnline();
    else refuse(event, log);
  });

  ipcMain.handle(bridgeChannels.grantFile, async (event, path: unknown): Promise<FileGrant | null> => {
    if (!isFrom(appPageOrigin, event)) refuse(event, log);
    else if (typeof path === 'string' && path !== '')
      return (await engine.ask('files.grant', { paths: [path] }))[0] ?? null;
    return null;
  });
}

type PageEvent = IpcMainEvent | IpcMainInvokeEvent;

/** Only the top frame counts. */
function isFrom(origin: string, { senderFrame }: PageEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOfPage(origin, senderFrame.url);
}

function refuse({ senderFrame }: PageEvent, log: Log): void {
  log.warn('bridge.refused', { origin: senderFrame?.origin ?? null });
}

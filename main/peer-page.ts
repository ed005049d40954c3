/** The hidden page that holds WebRTC connections: there while the engine wants it, in no window, with no rights. */
import { app, MessageChannelMain, WebContentsView, type MessagePortMain, type WebContents } from 'electron';
import { bridgeChannels } from '../bridge/channels.ts';
import { peerPageUrl } from '../bridge/page-addresses.ts';
import { ParleyError } from '../protocol/index.ts';
import { beginGivingWay } from './giving-way.ts';
import { describeError, type Log } from './log.ts';

export interface PeerPage {
  /**
   * Resolves once the page has its port and the engine the other end. A page that has its port already is replaced:
   * whoever asks has lost theirs, as from a page that crashed a moment ago. @throws ParleyError `unavailable`.
   */
  open(): Promise<void>;
  /** Its connections end with it. Nothing happens when it is not open. */
  close(): void;
  /** A page asks for its port. @returns false unless it is the one that is open, and asks for the first time. */
  connect(contents: WebContents): boolean;
}

interface PeerPageOptions {
  readonly preload: string;
  /** Gives the engine its end. */
  readonly givePort: (port: MessagePortMain) => void;
  readonly log: Log;
}

interface OpenPage {
  /** Held, since its contents go with it. */
  readonly view: WebContentsView;
  readonly contents: WebContents;
  readonly connected: Promise<void>;
  asked: boolean;
  stopGivingWay(): void;
  /** Settle `connected`; the first counts. */
  succeed(): void;
  fail(): void;
}

const loadDeadlineMs = 15_000;

export function createPeerPage({ preload, givePort, log }: PeerPageOptions): PeerPage {
  let page: OpenPage | null = null;

  function begin(): OpenPage {
    const begun = createPage(preload);
    const { contents, connected } = begun;
    const giveUp = (error: string): void => {
      if (page !== begun) return;
      log.error('peer-page.failed', { error });
      end(begun);
    };
    const timer = setTimeout(() => giveUp('it asked for no port'), loadDeadlineMs);
    connected.catch(() => {}).finally(() => clearTimeout(timer));
    contents.on('render-process-gone', (_event, { reason }) => giveUp(reason));
    contents.loadURL(peerPageUrl).catch((error: unknown) => giveUp(describeError(error)));
    return begun;
  }

  function end(ended: OpenPage): void {
    page = null;
    ended.fail();
    ended.stopGivingWay();
    if (!ended.contents.isDestroyed()) ended.contents.close();
  }

  return {
    open() {
      if (page?.asked) end(page);
      page ??= begin();
      return page.connected;
    },
    close() {
      if (page) end(page);
    },
    connect(contents) {
      if (page?.contents !== contents || page.asked) return false;
      page.asked = true;
      page.stopGivingWay = beginGivingWay(contents.getOSProcessId());
      const { port1, port2 } = new MessageChannelMain();
      givePort(port1);
      contents.postMessage(bridgeChannels.ports, null, [port2]);
      page.succeed();
      return true;
    },
  };
}

/** In no window: so it is on no screen and in no task bar, and does not count where windows are counted. */
function createPage(preload: string): OpenPage {
  const view = new WebContentsView({
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      // Transfers go on at full speed though nobody sees the page.
      backgroundThrottling: false,
      devTools: !app.isPackaged,
    },
  });
  let succeed = (): void => {};
  let fail = (): void => {};
  const connected = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = () => reject(unavailable());
  });
  return { view, contents: view.webContents, connected, asked: false, stopGivingWay: () => {}, succeed, fail };
}

function unavailable(): ParleyError {
  return new ParleyError('unavailable', { message: 'Direct connections can’t be made right now. Try again later.' });
}

/**
 * Before `ready`. Chromium hides a computer's addresses from pages behind mDNS names, which many networks do not carry.
 * Here the page is Parley's own, and the addresses go only to devices that the person's settings allow.
 */
export function showRealAddresses(): void {
  const others = app.commandLine.getSwitchValue('disable-features');
  const features = [...(others ? [others] : []), 'WebRtcHideLocalIpsWithMdns'];
  app.commandLine.appendSwitch('disable-features', features.join(','));
}

/** What no page of Parley may do, whatever is in it: leave its address, open windows, be given more than it needs. */
import { app, session, type OnBeforeRequestListenerDetails, type Session, type WebContents } from 'electron';
import { appPageOrigin, isOfPage } from '../bridge/page-addresses.ts';
import { allowedLink } from './link-policy.ts';
import { openLink } from './links.ts';
import { describeError, type Log } from './log.ts';
import { isAllowedRequest } from './page-files.ts';
import { isPermitted } from './permission-policy.ts';

/**
 * Before `ready`. Whoever starts Parley with `--no-sandbox` (root in a container) gets what they asked for, where
 * Electron would otherwise insist on a sandbox that can't start; windows ask for theirs one by one besides.
 */
export function setupSecurity(log: Log): void {
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => guardContents(contents, log));
  app.on('session-created', (created) => guardSession(created, log));
}

/** After `ready`: the session that all windows share exists before anyone can listen for its creation. */
export function secureDefaultSession(log: Log): void {
  guardSession(session.defaultSession, log);
}

function guardContents(contents: WebContents, log: Log): void {
  contents.on('will-frame-navigate', (event) => {
    if (!isReload(contents, event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (allowedLink(url)?.startsWith('https:')) {
      openLink(url).catch((error: unknown) => log.warn('link.failed', { error: describeError(error) }));
    }
    return { action: 'deny' };
  });
}

/** A page may load its own address again, as after a crash; any other way out is closed. */
function isReload(contents: WebContents, url: string): boolean {
  return isOfPage(appPageOrigin, url) && url === contents.getURL();
}

function guardSession(guarded: Session, log: Log): void {
  guarded.setPermissionRequestHandler((_contents, permission, decide, details) => {
    const { requestingUrl: asking, isMainFrame } = details;
    const media = 'mediaTypes' in details ? (details.mediaTypes ?? []) : [];
    const permitted = isPermitted({ permission, asking, isMainFrame, media });
    if (!permitted) log.info('permission.denied', { permission });
    decide(permitted);
  });
  guarded.setPermissionCheckHandler((_contents, permission, asking, { isMainFrame, mediaType }) =>
    isPermitted({ permission, asking, isMainFrame, media: mediaType === undefined ? [] : [mediaType] }),
  );
  guarded.setDevicePermissionHandler(() => false);
  guarded.on('will-download', (event) => event.preventDefault());
  guarded.webRequest.onBeforeRequest((request, decide) =>
    decide({ cancel: !isAllowedRequest(request.url, askingAddress(request)) }),
  );
}

/** A frame that is only being loaded asks for itself, and has no address of ours yet. */
function askingAddress({ resourceType, frame, webContents }: OnBeforeRequestListenerDetails): string | null {
  if (resourceType === 'mainFrame' || !webContents) return null;
  return frame?.url ?? webContents.getURL();
}

/** What no page of Parley may do, whatever is in it: leave its address, open windows, get permissions, download. */
import { app, session, type Session, type WebContents } from 'electron';
import { allowedLink } from './link-policy.ts';
import { openLink } from './links.ts';
import { describeError, type Log } from './log.ts';
import { appPageOrigin, isAllowedRequest } from './page-files.ts';

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
  return url.startsWith(`${appPageOrigin}/`) && url === contents.getURL();
}

function guardSession(guarded: Session, log: Log): void {
  guarded.setPermissionRequestHandler((_contents, permission, decide) => {
    log.info('permission.denied', { permission });
    decide(false);
  });
  guarded.setPermissionCheckHandler(() => false);
  guarded.setDevicePermissionHandler(() => false);
  guarded.on('will-download', (event) => event.preventDefault());
  guarded.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !isAllowedRequest(url) }));
}

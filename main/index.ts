/** The desktop app's entry: chooses the profile, makes sure to be its only instance, then boots. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { app, dialog } from 'electron';
import { ParleyError } from '../protocol/index.ts';
import { bootApp } from './boot.ts';
import { parseCommandLine, type CommandLine } from './command-line.ts';
import { setupDeepLinks } from './deep-links.ts';
import { showRealAddresses } from './peer-page.ts';
import { createLog, createTerminalMirror, describeError, logUncaught } from './log.ts';
import { setupProfile } from './profile-folder.ts';
import { chooseProfile } from './profile.ts';
import { createRelaySuggestion } from './relay-suggestion.ts';
import { registerSchemes } from './schemes.ts';
import { setupSecurity } from './security.ts';
import { isFirstInstance } from './single-instance.ts';

function start(commandLine: CommandLine): void {
  const { env, versions } = process;
  const profile = chooseProfile(commandLine, env, app.getPath('appData'));
  setupProfile(profile);
  if (!isFirstInstance(commandLine.deepLink)) return app.exit(0);

  const logFile = join(profile.dir, 'main.log');
  const log = createLog({ file: logFile, mirror: app.isPackaged ? null : createTerminalMirror() });
  log.info('app.starting', { version: app.getVersion(), profile: profile.name, electron: versions['electron'] });
  logUncaught(log);
  app.setAppUserModelId('app.parley.desktop');
  registerSchemes();
  showRealAddresses();
  setupSecurity(log);

  const suggestion = createRelaySuggestion(env['PARLEY_RELAY_SUGGESTION']);
  if (commandLine.deepLink !== null) suggestion.accept(commandLine.deepLink);
  setupDeepLinks(suggestion.accept);
  const platform = supportedPlatform(process.platform);
  const context = { profile, log, logFile, env, platform, hostname: hostname(), suggestion };
  app
    .whenReady()
    .then(() => bootApp(context))
    .catch((error: unknown) => {
      log.error('app.boot-failed', { error: describeError(error) });
      giveUp(error, 1);
    });
}

/** Nothing can be shown but this; the process must not live on without a window. */
function giveUp(error: unknown, exitCode: number): void {
  dialog.showErrorBox('Parley can’t start', error instanceof Error ? error.message : String(error));
  app.exit(exitCode);
}

/** Other Unixes are treated as Linux; Electron runs on none but these three. */
function supportedPlatform(platform: NodeJS.Platform): 'darwin' | 'linux' | 'win32' {
  return platform === 'darwin' || platform === 'win32' ? platform : 'linux';
}

try {
  start(parseCommandLine(process.argv.slice(1)));
} catch (error) {
  giveUp(error, error instanceof ParleyError && error.code === 'bad_request' ? 2 : 1);
}

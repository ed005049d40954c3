/** Serves the shell's contract to the app page, and sends it the shell's events. */
import { clipboard, shell } from 'electron';
import type { ConversationId } from '../protocol/index.ts';
import type { EventName, EventOf, Handlers } from '../bridge/contract.ts';
import { serveRpc, type Port, type RpcServer } from '../bridge/rpc.ts';
import { shellContract, type AppInfo, type ShellContract } from '../bridge/shell-contract.ts';
import type { DataFiles } from './data-files.ts';
import { openLink } from './links.ts';
import { describeError, type Log } from './log.ts';
import type { MediaFiles } from './media-files.ts';
import { askForMicrophone } from './microphone.ts';
import type { SettingsStore } from './settings-file.ts';

export interface ShellService {
  /** Serves this port from now on; the one before is closed. */
  serve(port: Port): void;
  /** While no page is connected only what a person asked for is kept, for the next page. */
  emit<N extends EventName<ShellContract>>(name: N, data: EventOf<ShellContract, N>): void;
  /** The conversation that the page shows; null when it shows none or there is no page. */
  showing(): ConversationId | null;
}

interface ShellServiceOptions {
  readonly settings: SettingsStore;
  readonly info: () => Promise<AppInfo>;
  readonly files: MediaFiles;
  readonly data: DataFiles;
  readonly dataDir: string;
  readonly log: Log;
}

export function createShellService({ settings, info, files, data, dataDir, log }: ShellServiceOptions): ShellService {
  let connected: { readonly port: Port; readonly server: RpcServer<ShellContract> } | null = null;
  let showing: ConversationId | null = null;
  let kept: ((server: RpcServer<ShellContract>) => void)[] = [];

  const handlers: Handlers<ShellContract> = {
    'app.info': () => info(),
    'settings.get': () => settings.get(),
    'settings.set': (changes) => settings.set(changes),
    'clipboard.write': ({ text }) => clipboard.writeText(text),
    'links.open': ({ url }) => openLink(url),
    'page.showing': ({ conversation }) => {
      showing = conversation;
    },
    'app.show-data-folder': async () => {
      const failure = await shell.openPath(dataDir);
      if (failure) log.warn('folder.failed', { failure });
    },
    'media.save': async (ref) => ({ saved: await files.save(ref) }),
    'media.open': ({ confirmed, ...ref }) => files.open(ref, confirmed),
    'media.show': (ref) => files.show(ref),
    'data.export': async () => ({ begun: await data.export() }),
    'data.import': async () => ({ begun: await data.import() }),
    'data.backup': async ({ passphrase }) => ({ begun: await data.backup(passphrase) }),
    'data.restore': async ({ passphrase }) => ({ begun: await data.restore(passphrase) }),
    'microphone.ask': async () => ({ granted: await askForMicrophone() }),
  };

  function emit<N extends EventName<ShellContract>>(name: N, data: EventOf<ShellContract, N>): void {
    if (connected) connected.server.emit(name, data);
    else if (name.startsWith('open.')) kept = [(server) => server.emit(name, data)];
  }

  settings.onChange((changed) => emit('settings.changed', changed));

  return {
    serve(port) {
      connected?.port.close();
      const server = serveRpc(shellContract, handlers, port, (command, error) =>
        log.error('shell.failed', { command, error: describeError(error) }),
      );
      connected = { port, server };
      server.onClose(() => {
        if (connected?.port !== port) return;
        connected = null;
        showing = null;
      });
      for (const send of kept.splice(0)) send(server);
    },
    emit,
    showing: () => showing,
  };
}

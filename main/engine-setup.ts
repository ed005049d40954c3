/** Puts the engine's host together: what it starts, what it gives the engine, whom it asks when the engine fails. */
import { join } from 'node:path';
import { app } from 'electron';
import type { BootContext } from './boot-context.ts';
import { createEngineHost, type EngineHost, type GuestEventHandlers } from './engine-host.ts';
import { startEngineProcess, type EngineProcess } from './engine-process.ts';
import { createEngineStart } from './engine-start.ts';
import { askAboutEngine } from './engine-trouble.ts';
import { createBoundedFile } from './log.ts';
import type { PeerPage } from './peer-page.ts';
import { createRestartPolicy } from './restart-policy.ts';
import type { SecretStore } from './secrets.ts';

const closeDeadlineMs = 5_000;

/** @param entry the engine's built file. @param peers are closed with the engine. @param events what to do when the engine reports something. */
export function setupEngine(
  { profile, hostname, platform, log, logFile }: BootContext,
  entry: string,
  { secrets, peers }: { readonly secrets: SecretStore; readonly peers: PeerPage },
  events: GuestEventHandlers,
): EngineHost {
  const onOutput = createBoundedFile({ file: join(profile.dir, 'engine-output.log') });
  const start = createEngineStart({ profileDir: profile.dir, appVersion: app.getVersion(), hostname, platform });
  const handlers = {
    'secret.load': () => secrets.load(),
    'secret.save': ({ secret }: { secret: string }) => secrets.save(secret),
    'secret.erase': () => secrets.erase(),
    'peer.open': () => peers.open(),
    'peer.close': () => peers.close(),
  };
  const launch = (): EngineProcess => {
    const engine = startEngineProcess({ entry, start, handlers, log, onOutput });
    engine.onExit(() => peers.close());
    return engine;
  };
  return createEngineHost({
    launch,
    policy: createRestartPolicy(() => performance.now()),
    events,
    log,
    onGivenUp: () => askAboutEngine(logFile),
    closeDeadlineMs,
  });
}

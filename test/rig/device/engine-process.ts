/** An engine in a process of its own, driven over the process's channel as a page drives it over its port. */
import { fork, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { createRpcClient, type Port } from '../../../bridge/rpc.ts';
import { engineContract } from '../../../bridge/engine-contract.ts';
import type { RigEngine, RigEngineOptions } from './rig-engine.ts';

/** What goes over the channel beside the bridge's own messages. */
export type RigMessage =
  | { readonly rig: 'opened' }
  | { readonly rig: 'failed'; readonly reason: string }
  | { readonly rig: 'skew'; readonly ms: number }
  | { readonly rig: 'stop' };

export function isRigMessage(message: unknown): message is RigMessage {
  return typeof message === 'object' && message !== null && 'rig' in message;
}

/** @throws Error when the engine does not open. */
export async function spawnEngine(options: RigEngineOptions): Promise<RigEngine> {
  const child = fork(resolve(import.meta.dirname, 'engine-child.ts'), [JSON.stringify(options)], {
    serialization: 'advanced',
    env: { ...process.env, ...options.env },
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const port = createChildPort(child);
  if (options.killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), options.killAfterMs);
  await opened(child);
  const { invoke, on } = createRpcClient(engineContract, port);
  const tell = (message: RigMessage): void => {
    if (child.connected) child.send(message, () => {});
  };
  return {
    invoke,
    on,
    setSkew: (ms) => tell({ rig: 'skew', ms }),
    async stop() {
      tell({ rig: 'stop' });
      await gone;
    },
    async kill() {
      const struck = child.exitCode === null && child.signalCode === null && child.kill('SIGKILL');
      await gone;
      return struck;
    },
  };
}

function createChildPort(child: ChildProcess): Port {
  return {
    post: (message) => {
      if (child.connected) child.send(message as object, () => {});
    },
    listen: (listener) =>
      void child.on('message', (message) => {
        if (!isRigMessage(message)) listener(message);
      }),
    onClose: (listener) => void child.once('exit', listener),
    close: () => child.disconnect(),
  };
}

function opened(child: ChildProcess): Promise<void> {
  return new Promise((done, failed) => {
    child.on('message', (message) => {
      if (!isRigMessage(message)) return;
      if (message.rig === 'opened') done();
      if (message.rig === 'failed') failed(new Error(message.reason));
    });
    child.once('error', failed);
    child.once('exit', (code, signal) => failed(new Error(`The engine ended with ${signal ?? code}.`)));
  });
}

/** One run of the engine: its process, and the two contracts between it and the shell. */
import { createInterface } from 'node:readline';
import { MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron';
import type { Handlers } from '../bridge/contract.ts';
import {
  guestContract,
  hostContract,
  type EngineStart,
  type enginePageSchema,
  type enginePeerSchema,
  type GuestContract,
  type HostContract,
} from '../bridge/host-contract.ts';
import { fromElectronPort } from '../bridge/ports.ts';
import { createRpcClient, serveRpc, type RpcClient } from '../bridge/rpc.ts';
import type { z } from 'zod';
import { describeError, type Log } from './log.ts';

export interface EngineProcessOptions {
  /** The built file that the process runs. */
  readonly entry: string;
  readonly start: EngineStart;
  readonly handlers: Handlers<HostContract>;
  readonly log: Log;
  /** Gets each line that the engine prints. */
  readonly onOutput: (line: string) => void;
}

export interface EngineProcess {
  readonly guest: RpcClient<GuestContract>;
  /** Gives a page's port to the engine. */
  addPage(port: MessagePortMain): void;
  /** Gives the engine its end of the port to the peer page. */
  addPeer(port: MessagePortMain): void;
  /** Once the process runs. */
  onSpawn(listener: () => void): void;
  onExit(listener: (code: number) => void): void;
  kill(): void;
}

export function startEngineProcess({ entry, start, handlers, log, onOutput }: EngineProcessOptions): EngineProcess {
  const child = utilityProcess.fork(entry, [], { serviceName: 'Parley engine', stdio: 'pipe' });
  const host = new MessageChannelMain();
  const guest = new MessageChannelMain();
  serveRpc(hostContract, handlers, fromElectronPort(host.port1), (name, error) =>
    log.error('host.failed', { command: name, error: describeError(error) }),
  );
  const client = createRpcClient(guestContract, fromElectronPort(guest.port1));
  child.postMessage(start, [host.port2, guest.port2]);
  forwardOutput(child, onOutput);
  return {
    guest: client,
    addPage: (port) => child.postMessage({ type: 'page' } satisfies z.infer<typeof enginePageSchema>, [port]),
    addPeer: (port) => child.postMessage({ type: 'peer' } satisfies z.infer<typeof enginePeerSchema>, [port]),
    onSpawn: (listener) => void child.once('spawn', listener),
    onExit: (listener) => void child.once('exit', listener),
    kill: () => void child.kill(),
  };
}

function forwardOutput({ stdout, stderr }: UtilityProcess, onOutput: (line: string) => void): void {
  for (const stream of [stdout, stderr]) {
    if (stream) createInterface({ input: stream }).on('line', onOutput);
  }
}

/** Parley without a window: the same engine under plain Node, for bots, tests and load. */
import { join } from 'node:path';
import { createRpcClient, type RpcClient } from '../../bridge/rpc.ts';
import { engineContract, type EngineContract } from '../../bridge/engine-contract.ts';
import { guestContract, type GuestContract } from '../../bridge/host-contract.ts';
import { openEngine, type Engine } from './engine.ts';
import type { EngineOptions } from './options.ts';
import { createLinkedPorts } from './runtime/linked-ports.ts';
import { createSecretFile } from './storage/secret-file.ts';

export interface HeadlessOptions extends Partial<Omit<EngineOptions, 'dataDir'>> {
  /** Belongs to this client alone; history, outbox and session survive in it. */
  readonly dataDir: string;
  readonly address: string;
  readonly username: string;
  readonly password: string;
  /** Makes the account first; without it the account must exist. */
  readonly register?: { readonly displayName: string; readonly invite?: string };
}

export interface HeadlessClient extends RpcClient<EngineContract> {
  readonly engine: Engine;
  /** Events that a host would turn into notifications. */
  readonly guest: RpcClient<GuestContract>;
  /** Closes the engine and everything it holds; `close` does the same without waiting. */
  stop(): Promise<void>;
}

/** An engine with its in-process client, nobody logged in yet unless the folder remembers a session. */
export async function openHeadlessEngine(
  options: Partial<Omit<EngineOptions, 'dataDir'>> & { readonly dataDir: string },
): Promise<HeadlessClient> {
  const engine = await openEngine({
    host: { secrets: createSecretFile(join(options.dataDir, 'session.token')) },
    device: { name: 'Headless client', platform: process.platform },
    appVersion: '0.0.0',
    ...options,
  });
  const [enginePort, clientPort] = createLinkedPorts();
  const [guestPort, hostPort] = createLinkedPorts();
  engine.serve(enginePort);
  engine.serveHost(guestPort);
  const client = createRpcClient(engineContract, clientPort);
  const guest = createRpcClient(guestContract, hostPort);

  async function stop(): Promise<void> {
    await engine.close();
    client.close();
    guest.close();
  }
  return { ...client, engine, guest, stop, close: () => void stop() };
}

/**
 * Opens the folder's engine and logs in, unless it is logged in already.
 * @throws ParleyError as `session.login` and `session.register`, or when somebody else is logged in there.
 */
export async function createHeadlessClient({
  address,
  username,
  password,
  register,
  ...options
}: HeadlessOptions): Promise<HeadlessClient> {
  const client = await openHeadlessEngine(options);
  try {
    const session = await client.engine.handlers['session.get'](undefined);
    if (session.state === 'signed-in') return client;
    if (register) await client.engine.handlers['session.register']({ address, username, password, ...register });
    else await client.engine.handlers['session.login']({ address, username, password });
    return client;
  } catch (error) {
    await client.stop();
    throw error;
  }
}

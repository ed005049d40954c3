/** A client that outlives its port: the port is replaced when the other side restarts, listeners and callers stay. */
import { ParleyError } from '../protocol/index.ts';
import type { Contract } from './contract.ts';
import { createRpcClient, type Port, type RpcClient } from './rpc.ts';

export interface StableClient<C extends Contract> {
  readonly client: RpcClient<C>;
  /** Uses this port from now on; the one before is closed, and calls under way on it fail. */
  attach(port: Port): void;
  /** There is no port for now: calls wait for the next one. */
  detach(): void;
}

interface StableClientOptions {
  /** How long a call waits for a port before it fails with `unavailable`. */
  readonly patienceMs: number;
  /** Keeps events that come before anyone listens to them for the first listener. */
  readonly holdEvents: boolean;
}

/** Every host has these two; this folder is compiled without the types of any. */
declare function setTimeout(callback: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;

const mostHeldEvents = 20;

type Listener = (data: unknown) => void;

/**
 * Calls under way when a port closes fail with `unavailable`, because nobody knows whether they were carried out;
 * calls made while there is no port wait for one.
 */
export function createStableClient<C extends Contract>(
  contract: C,
  { patienceMs, holdEvents }: StableClientOptions,
): StableClient<C> {
  const listeners = new Map<string, Set<Listener>>();
  const held = new Map<string, unknown[]>();
  const waiting = new Set<(client: RpcClient<C>) => void>();
  let current: RpcClient<C> | null = null;

  function deliver(name: string, data: unknown): void {
    const set = listeners.get(name);
    if (set?.size) for (const listener of set) listener(data);
    else if (holdEvents) held.set(name, [...(held.get(name) ?? []), data].slice(-mostHeldEvents));
  }

  function nextClient(): Promise<RpcClient<C>> {
    if (current) return Promise.resolve(current);
    return new Promise((resolve, reject) => {
      const settle = (client: RpcClient<C>): void => {
        clearTimeout(timer);
        resolve(client);
      };
      const timer = setTimeout(() => {
        waiting.delete(settle);
        reject(new ParleyError('unavailable', { message: 'Parley is restarting. Try again in a moment.' }));
      }, patienceMs);
      waiting.add(settle);
    });
  }

  const client: RpcClient<C> = {
    invoke: async (name, ...input) => (await nextClient()).invoke(name, ...input),
    on(name, listener) {
      const set = listeners.get(name) ?? new Set<Listener>();
      listeners.set(name, set.add(listener as Listener));
      const missed = held.get(name) ?? [];
      held.delete(name);
      for (const data of missed) (listener as Listener)(data);
      return () => set.delete(listener as Listener);
    },
    close: () => current?.close(),
  };

  return {
    client,
    attach(port) {
      current?.close();
      const next = createRpcClient(contract, port);
      for (const name of Object.keys(contract.events)) next.on(name, (data) => deliver(name, data));
      current = next;
      for (const settle of waiting) settle(next);
      waiting.clear();
    },
    detach() {
      current = null;
    },
  };
}

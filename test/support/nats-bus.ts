/** Buses on NATS for tests, faster to notice than in earnest, which remember what they logged and lost. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openNatsBus, type NatsBusOptions } from '../../signaling-server/adapters/nats/nats-bus.ts';
import type { BusTiming } from '../../signaling-server/adapters/nats/bus-timing.ts';
import { createId, type UserId } from '../../protocol/index.ts';
import type { Bus, Note, Subject } from '../../signaling-server/ports/bus.ts';
import type { FaultFields, LogFields } from '../../signaling-server/ports/log.ts';

export interface TestBus {
  readonly bus: Bus;
  /** The arguments of each call of `onLoss`. */
  readonly losses: readonly number[];
  readonly logged: readonly { event: string; fields: LogFields | FaultFields }[];
  /** The present value of a gauge. */
  gauge(name: string): Promise<number>;
}

/** Everything in a fifth of its time, but what a busy machine needs. */
export const quick: Partial<BusTiming> = {
  beatMs: 300,
  serverSilentMs: 1_500,
  nodeSilentMs: 2_000,
  askMs: 500,
  dialMs: 1_000,
  backoffMs: { least: 20, most: 200 },
  settleMs: 100,
};

export async function openTestBus(servers: string, options: Partial<NatsBusOptions> = {}): Promise<TestBus> {
  const logged: { event: string; fields: LogFields | FaultFields }[] = [];
  const losses: number[] = [];
  const gauges = new Map<string, () => number | Promise<number>>();
  const write = (event: string, fields: LogFields | FaultFields = {}): void => void logged.push({ event, fields });
  const bus = await openNatsBus({
    servers,
    prefix: 'test',
    log: { debug: write, info: write, warn: write, error: write },
    metrics: { gauge: (name, _help, read) => void gauges.set(name, read) },
    clock: Date.now,
    timing: quick,
    ...options,
  });
  bus.onLoss((since) => losses.push(since));
  return { bus, losses, logged, gauge: async (name) => (await gauges.get(name)?.()) ?? NaN };
}

export function userSubject(): Subject {
  return `user:${createId<UserId>()}`;
}

/** A note that carries a number. */
export function numbered(at: number): Note {
  return { type: 'replaced', at };
}

export function numberOf(note: Note): number | null {
  return note.type === 'replaced' ? note.at : null;
}

/** Another node: a process of its own that listens to these subjects. @returns once its server knows. */
export async function startBusProcess(url: string, subjects: readonly Subject[]): Promise<ChildProcess> {
  const child = fork(new URL('nats-bus-process.ts', import.meta.url), [url, ...subjects], { stdio: 'inherit' });
  await once(child, 'message');
  return child;
}

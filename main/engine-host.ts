/** Keeps the engine running: starts it, starts it again after a crash, ends it gently. */
import type { MessagePortMain } from 'electron';
import type { EventName, EventOf } from '../bridge/contract.ts';
import { guestContract, type GuestContract } from '../bridge/host-contract.ts';
import { ParleyError } from '../protocol/index.ts';
import type { EngineProcess } from './engine-process.ts';
import { describeError, type Log } from './log.ts';
import type { AskEngine } from './media-answer.ts';
import type { RestartPolicy } from './restart-policy.ts';

export interface EngineHost {
  start(): void;
  isRunning(): boolean;
  /** Calls back each time that an engine starts to run. */
  onRunning(listener: () => void): void;
  /** Gives a page's port to the engine that runs now. */
  addPage(port: MessagePortMain): void;
  /** Gives the port of the peer page to the engine that runs now. */
  addPeer(port: MessagePortMain): void;
  /** Asks the engine that runs now; fails with `unavailable` when none does, or when it ends before it answers. */
  readonly ask: AskEngine;
  /** The system woke up or got a network: the engine should look at its connection now. */
  wake(): void;
  /** Lets the engine store what is pending and ends it; after the deadline it is ended anyway. */
  stop(): Promise<void>;
}

export type GuestEventHandlers = {
  readonly [N in EventName<GuestContract>]: (data: EventOf<GuestContract, N>) => void;
};

export interface EngineHostOptions {
  readonly launch: () => EngineProcess;
  readonly policy: RestartPolicy;
  readonly events: GuestEventHandlers;
  readonly log: Log;
  /** The engine keeps ending. @returns whether to try again. */
  readonly onGivenUp: () => Promise<boolean>;
  readonly closeDeadlineMs: number;
}

type State =
  | { readonly name: 'stopped' }
  | { readonly name: 'starting' | 'running' | 'closing'; readonly engine: EngineProcess }
  | { readonly name: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly name: 'given-up' };

export function createEngineHost(options: EngineHostOptions): EngineHost {
  const { launch, policy, events, log, closeDeadlineMs } = options;
  const listeners: (() => void)[] = [];
  let state: State = { name: 'stopped' };

  function start(): void {
    const engine = launch();
    state = { name: 'starting', engine };
    listenToGuest(engine, events);
    engine.onSpawn(() => {
      if (state.name !== 'starting') return;
      log.info('engine.started');
      state = { name: 'running', engine };
      for (const listener of listeners) listener();
    });
    engine.onExit((code) => handleExit(code));
  }

  function handleExit(code: number): void {
    if (state.name === 'closing' || state.name === 'stopped') {
      state = { name: 'stopped' };
      return;
    }
    const delayMs = policy.afterCrash();
    log.error('engine.crashed', { code, delayMs });
    if (delayMs === null) giveUp();
    else state = { name: 'waiting', timer: setTimeout(start, delayMs) };
  }

  function giveUp(): void {
    state = { name: 'given-up' };
    options.onGivenUp().then(
      (again) => {
        if (!again || state.name !== 'given-up') return;
        policy.reset();
        start();
      },
      (error: unknown) => log.error('engine.give-up-failed', { error: describeError(error) }),
    );
  }

  async function close(engine: EngineProcess): Promise<void> {
    state = { name: 'closing', engine };
    const gone = new Promise<void>((resolve) => engine.onExit(() => resolve()));
    const closed = engine.guest.invoke('engine.close').catch((error: unknown) => {
      log.warn('engine.close-failed', { error: describeError(error) });
    });
    if (!(await within(closeDeadlineMs, Promise.race([closed, gone])))) log.warn('engine.close-timeout');
    engine.kill();
    await within(closeDeadlineMs, gone);
  }

  return {
    start,
    isRunning: () => state.name === 'running',
    onRunning: (listener) => void listeners.push(listener),
    addPage(port) {
      if (state.name === 'running') state.engine.addPage(port);
      else port.close();
    },
    addPeer(port) {
      if (state.name === 'running') state.engine.addPeer(port);
      else port.close();
    },
    ask: (name, input) => {
      if (state.name === 'running') return state.engine.guest.invoke(name, input);
      return Promise.reject(
        new ParleyError('unavailable', { message: 'Parley is restarting. Try again in a moment.' }),
      );
    },
    wake() {
      if (state.name !== 'running') return;
      state.engine.guest.invoke('engine.wake').catch((error: unknown) => {
        log.warn('engine.wake-failed', { error: describeError(error) });
      });
    },
    async stop() {
      if (state.name === 'waiting') clearTimeout(state.timer);
      if (state.name === 'starting' || state.name === 'running') await close(state.engine);
      state = { name: 'stopped' };
    },
  };
}

function listenToGuest({ guest }: EngineProcess, events: GuestEventHandlers): void {
  for (const name of Object.keys(guestContract.events) as EventName<GuestContract>[]) {
    guest.on(name, (data) => events[name](guestContract.events[name].parse(data) as never));
  }
}

/** @returns whether the promise settled in time. */
async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const answer = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return answer;
}

import type { MessagePortMain } from 'electron';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngineHost, type EngineHostOptions } from '../../../main/engine-host.ts';
import type { EngineProcess } from '../../../main/engine-process.ts';
import { createRestartPolicy } from '../../../main/restart-policy.ts';
import { createLogStub } from './log-stub.ts';

/** An engine without a process: the test decides when it runs, ends and answers. */
class FakeEngine implements EngineProcess {
  readonly calls: string[] = [];
  readonly ports: MessagePortMain[] = [];
  answersClose = true;
  killed = false;
  readonly #listeners = { spawn: [] as (() => void)[], exit: [] as ((code: number) => void)[] };
  readonly guest = {
    invoke: (name: string) => {
      this.calls.push(name);
      return this.answersClose ? Promise.resolve() : new Promise(() => {});
    },
    on: () => () => true,
    close: () => {},
  } as unknown as EngineProcess['guest'];
  readonly addPage = (port: MessagePortMain): void => void this.ports.push(port);
  readonly addPeer = (port: MessagePortMain): void => void this.ports.push(port);
  onSpawn(listener: () => void): void {
    this.#listeners.spawn.push(listener);
  }
  onExit(listener: (code: number) => void): void {
    this.#listeners.exit.push(listener);
  }
  spawn(): void {
    for (const listener of this.#listeners.spawn) listener();
  }
  exit(code: number): void {
    for (const listener of this.#listeners.exit) listener(code);
  }
  kill(): void {
    this.killed = true;
    this.exit(0);
  }
}

const engines: FakeEngine[] = [];
const newest = (): FakeEngine => engines.at(-1) ?? new FakeEngine();
const port = {} as MessagePortMain;

function createHost(overrides: Partial<EngineHostOptions> = {}) {
  const ignore = (): void => {};
  return createEngineHost({
    launch: () => {
      const engine = new FakeEngine();
      engines.push(engine);
      return engine;
    },
    policy: createRestartPolicy(Date.now),
    events: {
      'message.arrived': ignore,
      'conversation.read': ignore,
      'unread.changed': ignore,
      'devices.appeared': ignore,
      'transfers.moving': ignore,
      'storage.failed': ignore,
    },
    log: createLogStub(),
    onGivenUp: () => Promise.resolve(false),
    closeDeadlineMs: 5_000,
    ...overrides,
  });
}

beforeEach(() => {
  engines.length = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe('the engine host', () => {
  it('says when the engine runs, and gives it the ports of pages', () => {
    const host = createHost();
    host.onRunning(() => host.addPage(port));
    host.start();
    expect([host.isRunning(), newest().ports]).toEqual([false, []]);
    newest().spawn();
    expect([host.isRunning(), newest().ports]).toEqual([true, [port]]);
  });

  it('starts a crashed engine again, and says so again', async () => {
    const host = createHost();
    host.onRunning(() => host.addPage(port));
    host.start();
    newest().spawn();
    newest().exit(1);
    expect(host.isRunning()).toBe(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(engines).toHaveLength(2);
    newest().spawn();
    expect(engines.map(({ ports }) => ports.length)).toEqual([1, 1]);
  });

  it('gives up on a crash loop, and tries again only when the person wants it', async () => {
    const answers = [true, false];
    const onGivenUp = vi.fn(() => Promise.resolve(answers.shift() ?? false));
    const host = createHost({ onGivenUp });
    host.start();
    const crashUntilQuiet = async (): Promise<void> => {
      for (let before = -1; before !== engines.length;) {
        before = engines.length;
        newest().exit(9);
        await vi.advanceTimersByTimeAsync(5_000);
      }
    };
    await crashUntilQuiet();
    expect(onGivenUp).toHaveBeenCalledTimes(2);
    expect(engines).toHaveLength(10);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(engines).toHaveLength(10);
  });

  it('asks the engine to close and then ends it, without a restart', async () => {
    const host = createHost();
    host.start();
    newest().spawn();
    await host.stop();
    expect(newest().calls).toEqual(['engine.close']);
    expect(newest().killed).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engines).toHaveLength(1);
  });

  it('ends an engine that does not close in time', async () => {
    const host = createHost();
    host.start();
    newest().spawn();
    newest().answersClose = false;
    const stopped = host.stop();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(newest().killed).toBe(false);
    await vi.advanceTimersByTimeAsync(2);
    await stopped;
    expect(newest().killed).toBe(true);
  });

  it('does not start an engine that was to be started again once it is stopped', async () => {
    const host = createHost();
    host.start();
    newest().spawn();
    newest().exit(1);
    await host.stop();
    const count = engines.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engines).toHaveLength(count);
  });

  it('wakes a running engine only', () => {
    const host = createHost();
    host.start();
    host.wake();
    expect(newest().calls).toEqual([]);
    newest().spawn();
    host.wake();
    expect(newest().calls).toEqual(['engine.wake']);
  });
});

describe('asking the engine', () => {
  it('fails with words while none runs', async () => {
    const host = createHost();
    const ask = () => host.ask('files.grant', { paths: ['/a'] });
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
    host.start();
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
    newest().spawn();
    await ask();
    expect(newest().calls).toEqual(['files.grant']);
    newest().exit(1);
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('closes the peer page’s port when none runs to take it', () => {
    const host = createHost();
    const close = vi.fn();
    host.addPeer({ close } as unknown as MessagePortMain);
    expect(close).toHaveBeenCalledOnce();
    host.start();
    newest().spawn();
    host.addPeer(port);
    expect(newest().ports).toEqual([port]);
  });
});

describe('the restart policy', () => {
  it('waits longer each time, gives up within a minute, and forgets old crashes', () => {
    let now = 0;
    const policy = createRestartPolicy(() => now);
    expect([0, 1, 2, 3, 4].map(() => policy.afterCrash())).toEqual([0, 500, 1_500, 4_000, null]);
    now = 60_000;
    expect(policy.afterCrash()).toBe(0);
  });
});

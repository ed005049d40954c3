/** Speaks over the bridge from inside a page, beside the page's own code, as any script in it could. */
import type { Page } from '@playwright/test';
import type { CommandName, EventName, EventOf, InputOf, OutputOf } from '../../bridge/contract.ts';
import type { EngineContract } from '../../bridge/engine-contract.ts';
import type { Answer } from '../../bridge/rpc.ts';
import type { ShellContract } from '../../bridge/shell-contract.ts';

export interface BridgeProbe {
  shell<N extends CommandName<ShellContract>>(
    name: N,
    input?: InputOf<ShellContract, N>,
  ): Promise<OutputOf<ShellContract, N>>;
  engine<N extends CommandName<EngineContract>>(
    name: N,
    input?: InputOf<EngineContract, N>,
  ): Promise<OutputOf<EngineContract, N>>;
  /** The answer as it crossed, for inputs that no type allows. */
  rawShell(name: string, input: unknown): Promise<Answer<unknown>>;
  rawEngine(name: string, input: unknown): Promise<Answer<unknown>>;
  /** The shell's events since the probe was put in. */
  events(): Promise<{ name: string; data: unknown }[]>;
  /** The engine's events since the probe was put in, each with the time at which it came (`Date.now()`). */
  engineEvents<N extends EventName<EngineContract>>(
    name: N,
  ): Promise<{ at: number; data: EventOf<EngineContract, N> }[]>;
  /** How often the page was given ports since the probe was put in. */
  connections(): Promise<number>;
}

interface InPage {
  call(port: 'engine' | 'shell', name: string, input: unknown): Promise<Answer<unknown>>;
  events: { name: string; data: unknown }[];
  engineEvents: { name: string; at: number; data: unknown }[];
  connections: number;
}

declare global {
  var bridgeProbe: InPage;
}

/** Asks for ports of its own, which the page's code receives too; put it in once the page is loaded. */
export async function probeBridge(page: Page): Promise<BridgeProbe> {
  await page.evaluate(installProbe);
  await page.waitForFunction(() => globalThis.bridgeProbe.connections > 0);
  const call = (port: 'engine' | 'shell', name: string, input: unknown): Promise<Answer<unknown>> =>
    page.evaluate((args) => globalThis.bridgeProbe.call(args.port, args.name, args.input), { port, name, input });
  return {
    shell: async (name, input) => valueOf(await call('shell', name, input)) as never,
    engine: async (name, input) => valueOf(await call('engine', name, input)) as never,
    rawShell: (name, input) => call('shell', name, input),
    rawEngine: (name, input) => call('engine', name, input),
    events: () => page.evaluate(() => globalThis.bridgeProbe.events),
    engineEvents: (name) =>
      page.evaluate(
        (wanted) => globalThis.bridgeProbe.engineEvents.filter((event) => event.name === wanted),
        name as string,
      ) as never,
    connections: () => page.evaluate(() => globalThis.bridgeProbe.connections),
  };
}

function valueOf(answer: Answer<unknown>): unknown {
  if (answer.ok) return answer.value;
  throw new Error(`${answer.code}: ${answer.message}`);
}

/** Runs in the page. Its call ids lie far from those of the page's own client, which uses the same ports. */
function installProbe(): void {
  const waiting = new Map<number, { port: MessagePort; settle: (answer: Answer<unknown>) => void }>();
  const ports: Partial<Record<'engine' | 'shell', MessagePort>> = {};
  const closed = { ok: false, code: 'unavailable', message: 'The port is closed.' } as const;
  let lastId = 1_000_000_000;
  globalThis.bridgeProbe = {
    events: [],
    engineEvents: [],
    connections: 0,
    call: (port, name, input) =>
      new Promise((resolve) => {
        const id = ++lastId;
        const current = ports[port];
        if (!current) return resolve(closed);
        waiting.set(id, { port: current, settle: resolve });
        current.postMessage({ type: 'call', id, name, input });
      }),
  };
  window.addEventListener('message', ({ source, data, ports: [engine, shell] }) => {
    if (source !== window || data !== 'parley.bridge.ports' || !engine || !shell) return;
    for (const call of waiting.values()) call.settle(closed);
    Object.assign(ports, { engine, shell });
    for (const port of [engine, shell]) {
      port.addEventListener('message', ({ data: message }) => {
        if (message.type === 'answer') waiting.get(message.id)?.settle(message.answer);
        if (message.type !== 'event') return;
        if (port === shell) globalThis.bridgeProbe.events.push(message);
        else globalThis.bridgeProbe.engineEvents.push({ ...message, at: Date.now() });
      });
      port.addEventListener('close', () => {
        for (const call of waiting.values()) if (call.port === port) call.settle(closed);
      });
      port.start();
    }
    globalThis.bridgeProbe.connections++;
  });
  window.postMessage('parley.bridge.connect', window.location.origin);
}

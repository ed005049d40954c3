/** An engine that may fail to open at first: it answers with the reason, and tries again when somebody asks. */
import type { CommandName, Handlers } from '../../bridge/contract.ts';
import { engineContract, type EngineContract } from '../../bridge/engine-contract.ts';
import { guestContract, type GuestContract } from '../../bridge/host-contract.ts';
import { serveRpc, type Port } from '../../bridge/rpc.ts';
import { errorTable, ParleyError } from '../../protocol/index.ts';
import { openEngine, type Engine } from './engine.ts';
import type { EngineOptions } from './options.ts';
import { afterFirstCall } from './runtime/first-call.ts';
import { createLinkedPorts } from './runtime/linked-ports.ts';
import { silentLog } from './runtime/log.ts';

export interface PatientEngine {
  serve(port: Port): void;
  serveHost(port: Port): void;
}

export function createPatientEngine(options: EngineOptions): PatientEngine {
  const log = options.log ?? silentLog;
  const waitingPorts: ((engine: Engine) => void)[] = [];
  const hosts: ((fault: ParleyError) => void)[] = [];
  const onUnexpected = (name: string, error: unknown) => log.error('command.failed', { command: name }, error);
  let opening: Promise<Engine> | null = null;
  let failure: ParleyError | null = null;

  /** The engine; after a failure that may pass, another try. */
  function engine(): Promise<Engine> {
    if (failure && !errorTable[failure.code].retry) return Promise.reject(failure);
    return (opening ??= open());
  }

  async function open(): Promise<Engine> {
    try {
      const opened = await openEngine(options);
      failure = null;
      for (const attach of waitingPorts.splice(0)) attach(opened);
      return opened;
    } catch (error) {
      opening = null;
      log.error('engine.open_failed', {}, error);
      failure = error instanceof ParleyError ? error : unexpected(error);
      for (const tell of hosts) tell(failure);
      throw failure;
    }
  }

  function greet(): void {
    engine().then(
      (opened) => opened.greetPages(),
      () => {},
    );
  }

  /** Commands go to the engine once there is one. */
  function serve(port: Port): void {
    const handlers = forwarding<EngineContract>(engineContract, async () => (await engine()).handlers);
    const server = serveRpc(engineContract, handlers, afterFirstCall(port, greet), onUnexpected);
    attach((opened) => opened.attachPage(server));
  }

  function serveHost(port: Port): void {
    const handlers: Handlers<GuestContract> = {
      ...forwarding<GuestContract>(guestContract, async () => (await engine()).guestHandlers),
      'engine.close': async () => {
        const open = await (opening ?? Promise.resolve(null)).catch(() => null);
        await open?.close();
      },
    };
    const server = serveRpc(guestContract, handlers, port, onUnexpected);
    const [guestPort, ownPort] = createLinkedPorts();
    ownPort.listen((message) => {
      const event = message as { type: string; name: never; data: never };
      if (event.type === 'event') server.emit(event.name, event.data);
    });
    hosts.push(({ code, message }) => server.emit('storage.failed', { code, message }));
    attach((opened) => opened.serveHost(guestPort));
  }

  function attach(to: (opened: Engine) => void): void {
    engine().then(to, () => waitingPorts.push(to));
  }

  return { serve, serveHost };
}

function forwarding<C extends EngineContract | GuestContract>(
  contract: C,
  handlers: () => Promise<Handlers<C>>,
): Handlers<C> {
  const names = Object.keys(contract.commands) as CommandName<C>[];
  const forwarded = names.map((name) => [name, async (input: never) => (await handlers())[name](input)] as const);
  return Object.fromEntries(forwarded) as unknown as Handlers<C>;
}

function unexpected(cause: unknown): ParleyError {
  return new ParleyError('internal', {
    message: 'Parley could not open its data. Restart it; if that does not help, look at its log.',
    cause,
  });
}

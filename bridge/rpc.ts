/** Speaks a contract over any message port: typed calls, answers as data, events. Has no timers and keeps no queue. */
import { errorTable, ParleyError, type ErrorCode } from '../protocol/index.ts';
import type { CommandName, Contract, EventName, EventOf, Handlers, InputOf, OutputOf } from './contract.ts';

/** The part of a MessagePort that the bridge needs; pages, Electron and Node each have an adapter for theirs. */
export interface Port {
  post(message: unknown): void;
  /** At most one listener. Messages that came before are held until it is set. */
  listen(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

export type Answer<T> =
  { ok: true; value: T } | { ok: false; code: ErrorCode; message: string; field?: string; retryAfterMs?: number };

type Message =
  | { type: 'call'; id: number; name: string; input: unknown }
  | { type: 'answer'; id: number; answer: Answer<unknown> }
  | { type: 'event'; name: string; data: unknown };

export interface RpcClient<C extends Contract> {
  /** @throws ParleyError as the other side answered it; `unavailable` when the port closed first. */
  invoke<N extends CommandName<C>>(
    name: N,
    ...input: undefined extends InputOf<C, N> ? [InputOf<C, N>?] : [InputOf<C, N>]
  ): Promise<OutputOf<C, N>>;
  /** @returns takes the listener away again. */
  on<N extends EventName<C>>(name: N, listener: (data: EventOf<C, N>) => void): () => void;
  /** Calls under way fail as when the port closes. */
  close(): void;
}

export function createRpcClient<C extends Contract>(_contract: C, port: Port): RpcClient<C> {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  const listeners = new Map<string, Set<(data: never) => void>>();
  let lastId = 0;
  let closed = false;

  port.listen((received) => {
    const message = received as Message;
    if (message.type === 'event')
      for (const listener of listeners.get(message.name) ?? []) listener(message.data as never);
    if (message.type === 'answer') settle(message.id, message.answer);
  });
  port.onClose(end);

  function end(): void {
    closed = true;
    for (const { reject } of waiting.values()) reject(portClosed());
    waiting.clear();
  }

  function settle(id: number, answer: Answer<unknown>): void {
    const call = waiting.get(id);
    waiting.delete(id);
    if (answer.ok) call?.resolve(answer.value as never);
    else call?.reject(new ParleyError(answer.code, answer));
  }

  return {
    invoke: (name, ...[input]) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(portClosed());
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        port.post({ type: 'call', id, name, input } satisfies Message);
      }),
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => set.delete(listener);
    },
    close() {
      end();
      port.close();
    },
  };
}

export interface RpcServer<C extends Contract> {
  emit<N extends EventName<C>>(name: N, data: EventOf<C, N>): void;
  onClose(listener: () => void): void;
}

/** Serves a contract on a port. Inputs are parsed; what a handler throws crosses as code and message. */
export function serveRpc<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  port: Port,
  onUnexpected: (name: string, error: unknown) => void,
): RpcServer<C> {
  port.listen(async (received) => {
    const message = received as Message;
    if (message.type !== 'call') return;
    const answer = await answerCall(contract, handlers, message.name, message.input, onUnexpected);
    port.post({ type: 'answer', id: message.id, answer } satisfies Message);
  });
  return {
    emit: (name, data) => port.post({ type: 'event', name, data } satisfies Message),
    onClose: (listener) => port.onClose(listener),
  };
}

async function answerCall<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  name: string,
  input: unknown,
  onUnexpected: (name: string, error: unknown) => void,
): Promise<Answer<unknown>> {
  try {
    if (!Object.hasOwn(contract.commands, name))
      throw new ParleyError('bad_request', { message: `There is no command ${name}.` });
    const parsed = contract.commands[name]?.input.safeParse(input);
    if (!parsed?.success) throw invalidInput(parsed?.error.issues ?? []);
    return { ok: true, value: await handlers[name as CommandName<C>](parsed.data as never) };
  } catch (error) {
    return failure(error, (cause) => onUnexpected(name, cause));
  }
}

function invalidInput(issues: readonly { path: PropertyKey[]; message: string }[]): ParleyError {
  const [issue] = issues;
  const field = issue?.path.map(String).join('.');
  return new ParleyError('bad_request', {
    message: issue?.message ?? 'The input is not valid.',
    ...(field ? { field } : {}),
  });
}

/** Turns anything thrown into data; what is not a ParleyError is reported and crosses as `internal`, without details. */
function failure(error: unknown, onUnexpected: (error: unknown) => void): Answer<never> {
  if (!(error instanceof ParleyError) || !(error.code in errorTable)) {
    onUnexpected(error);
    return {
      ok: false,
      code: 'internal',
      message: 'Something went wrong inside Parley. Try again; if it stays, restart the app.',
    };
  }
  const { code, message, field, retryAfterMs } = error;
  return {
    ok: false,
    code,
    message,
    ...(field === undefined ? {} : { field }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function portClosed(): ParleyError {
  return new ParleyError('unavailable', { message: 'Parley is restarting. Try again in a moment.' });
}

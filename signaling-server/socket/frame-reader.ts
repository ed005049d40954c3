/** Reads what a socket says: parses it, checks that it may be said now, and hands it on. */
import { decodeClientFrames, limits, ParleyError, type ClientFrame } from '../../protocol/index.ts';
import type { RawData } from 'ws';
import type { RelayParts } from '../relay/relay-parts.ts';
import type { OpenSession } from '../relay/session.ts';
import type { Connection } from './connection.ts';
import type { FrameHandlers } from './frame-handlers.ts';
import type { Greeter, HelloFrame } from './greeting.ts';

/** Frames that may wait while a hello is being looked up. */
const maxWaitingFrames = 1_000;

export function createReader(
  { uptime, settings, metrics, log }: RelayParts,
  handlers: FrameHandlers,
  greeter: Greeter,
) {
  function fail(connection: Connection, error: ParleyError): void {
    metrics.frameRefused(error.code);
    log.debug('frame.refused', { code: error.code, address: connection.address });
    connection.fail(error);
  }

  function failUnexpectedly(connection: Connection, cause: unknown): void {
    if (cause instanceof ParleyError) return fail(connection, cause);
    log.error('frame.failed', { error: cause });
    fail(
      connection,
      new ParleyError('internal', { message: 'The relay met a fault of its own. Connect again.', cause }),
    );
  }

  /** @throws ParleyError `bad_frame`, `frame_too_large`. */
  function parse(data: RawData, isBinary: boolean): ClientFrame[] {
    if (!isBinary || !(data instanceof Uint8Array)) {
      throw new ParleyError('bad_frame', { message: 'Frames are binary: send MessagePack, not text.' });
    }
    if (data.byteLength > limits.clientFrameBytes) {
      const message = `A message may have ${limits.clientFrameBytes} bytes at most; this one has ${data.byteLength}.`;
      throw new ParleyError('frame_too_large', { message });
    }
    return decodeClientFrames(data);
  }

  function handle(connection: Connection, frame: ClientFrame): void {
    const { session } = connection;
    metrics.frameReceived(frame.type);
    if (session.state === 'open') return handleOpen(connection, session, frame);
    if (session.state === 'verifying') {
      if (session.waiting.push(frame) <= maxWaitingFrames) return;
      return fail(connection, new ParleyError('flooding', { message: 'Too many frames before the welcome.' }));
    }
    if (frame.type === 'hello') return void greet(connection, frame);
    fail(connection, new ParleyError('unexpected_frame', { message: 'Say hello first.' }));
  }

  function handleOpen(connection: Connection, session: OpenSession, frame: ClientFrame): void {
    if (session.frames.take(uptime(), settings.framesPerSecond, settings.frameBurst) > 0) {
      return fail(
        connection,
        new ParleyError('flooding', { message: 'This device sends more frames than the relay allows.' }),
      );
    }
    carryOut(handlers, session, frame)?.catch((cause: unknown) => failUnexpectedly(connection, cause));
  }

  async function greet(connection: Connection, frame: HelloFrame): Promise<void> {
    const waiting: ClientFrame[] = [];
    connection.session = { state: 'verifying', since: uptime(), waiting };
    try {
      await greeter.greet(connection, frame);
      for (const next of waiting) if (connection.open) handle(connection, next);
    } catch (cause) {
      failUnexpectedly(connection, cause);
    }
  }

  return (connection: Connection, data: RawData, isBinary: boolean): void => {
    if (!connection.open) return;
    connection.hear(uptime());
    try {
      for (const frame of parse(data, isBinary)) if (connection.open) handle(connection, frame);
    } catch (cause) {
      failUnexpectedly(connection, cause);
    }
  };
}

function carryOut<T extends ClientFrame['type']>(
  handlers: FrameHandlers,
  session: OpenSession,
  frame: Extract<ClientFrame, { type: T }>,
): void | Promise<void> {
  return handlers[frame.type as T](session, frame);
}

/** Bounds how long a request's body may take to arrive; bodies of files have a bound of their own, by progress. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ParleyError } from '../../protocol/index.ts';
import { rawAnswer } from './upgrade-refusals.ts';

const deadlines = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Node's own `requestTimeout` is the same for all requests of a server, and would cut off a long upload. */
export function setBodyDeadline(incoming: IncomingMessage, outgoing: ServerResponse, ms: number): void {
  if (!hasBody(incoming)) return;
  const timer = setTimeout(() => giveUp(incoming, outgoing), ms);
  deadlines.set(incoming, timer);
  incoming.once('close', () => clearTimeout(timer));
}

export function liftBodyDeadline(incoming: IncomingMessage): void {
  clearTimeout(deadlines.get(incoming));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function giveUp({ complete, socket }: IncomingMessage, outgoing: ServerResponse): void {
  if (complete) return;
  if (outgoing.headersSent || !socket.writable) return void socket.destroy();
  const error = new ParleyError('too_slow', { message: 'The request took too long to arrive.' });
  socket.end(rawAnswer(error), () => socket.destroy());
}

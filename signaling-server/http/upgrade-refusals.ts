/** WebSocket handshakes that are not let through, answered like every other failure. */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorTable, ParleyError, paths } from '../../protocol/index.ts';
import { errorBody } from './error-answers.ts';

/** The handshake of RFC 6455, 4.2.1. @returns null when it is in order and for the socket's path. */
export function whyNotUpgradable({ method, url, headers }: IncomingMessage, socket: Duplex): ParleyError | null {
  const path = url?.split('?', 1)[0];
  if (path !== paths.socket) return new ParleyError('not_found', { message: 'There is nothing at this address.' });
  const key = headers['sec-websocket-key'];
  const sound =
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    headers['sec-websocket-protocol'] === undefined &&
    key !== undefined &&
    /^[+/0-9A-Za-z]{22}==$/.test(key) &&
    headers.host !== undefined &&
    /^[\w.:[\]-]+$/.test(headers.host);
  if (sound && socket.readable && socket.writable) return null;
  return new ParleyError('bad_request', { message: 'This is not a WebSocket handshake of version 13.' });
}

/** Writes the answer by hand: an upgraded connection has no response object any more. */
export function refuseUpgrade(socket: Duplex, error: ParleyError): void {
  socket.end(rawAnswer(error), () => socket.destroy());
}

export function rawAnswer(error: ParleyError): string {
  const status = errorTable[error.code].http;
  const body = JSON.stringify(errorBody(error));
  const retry =
    error.retryAfterMs === undefined ? [] : [`Retry-After: ${Math.max(1, Math.ceil(error.retryAfterMs / 1_000))}`];
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...retry,
    '',
    body,
  ].join('\r\n');
}

/** Who a request comes from, as far as limits are concerned. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import { createAddressMatcher } from '../config/address-range.ts';

/** The bindings that @hono/node-server hands to every request; absent under `app.request()`. */
export interface NodeBindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
}

export type ClientAddress = (incoming: IncomingMessage | undefined) => string;

/**
 * The address that limits are kept for: IPv4 as it is, IPv6 as its /64, since one household has a whole /64.
 * `X-Forwarded-For` counts only when the connection comes from a trusted proxy: the last address in it that is not
 * itself a trusted proxy's.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = createAddressMatcher(trustedProxies);
  return (incoming) => {
    const peer = plainAddress(incoming?.socket.remoteAddress ?? 'unknown');
    if (!trusted(peer)) return limitKey(peer);
    const header = incoming?.headers['x-forwarded-for'];
    const chain = (Array.isArray(header) ? header.join(',') : (header ?? ''))
      .split(',')
      .map((part) => plainAddress(part.trim()));
    return limitKey(chain.reverse().find((address) => address !== '' && !trusted(address)) ?? peer);
  };
}

export function addressOf(context: Context, clientAddress: ClientAddress): string {
  return clientAddress((context.env as NodeBindings | undefined)?.incoming);
}

export function isLoopback(incoming: IncomingMessage | undefined): boolean {
  return fromLoopback(plainAddress(incoming?.socket.remoteAddress ?? ''));
}

const fromLoopback = createAddressMatcher(['loopback']);

/** Without brackets, port, zone, and the IPv6 wrapping of an IPv4 address. */
function plainAddress(address: string): string {
  const bare = address
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/i, '');
  return /^\d+\.\d+\.\d+\.\d+:\d+$/.test(bare) ? bare.replace(/:\d+$/, '') : bare.slice(0, 64);
}

function limitKey(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array<string>(zeros).fill('0'), ...back].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

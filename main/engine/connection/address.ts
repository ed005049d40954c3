/** Brings a relay's address, as a person types it, into one form. */
import { isIP } from 'node:net';
import { ParleyError } from '../../../protocol/index.ts';

/** Base URLs to try, best first: scheme, host and port, no trailing slash. */
export interface AddressCandidates {
  readonly urls: readonly [string, ...string[]];
}

const schemes: Readonly<Record<string, 'http' | 'https'>> = { http: 'http', https: 'https', ws: 'http', wss: 'https' };

/** Where a relay listens when its admin says nothing else. */
const relayPort = 8080;

/**
 * Without a scheme `https` is meant; `http` is tried after it only for this machine and for private networks, never for
 * a public host. With a scheme exactly that one is used.
 *
 * @throws ParleyError `bad_request` with field `address`.
 */
export function parseAddress(typed: string): AddressCandidates {
  const text = typed.trim();
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined) {
    const known = schemes[scheme];
    if (!known)
      throw badAddress(`Parley cannot use ${scheme}:// addresses. Type the relay's address like relay.example.org.`);
    return { urls: [baseUrl(known, text.slice(scheme.length + 3))] };
  }
  const secure = baseUrl('https', text);
  if (!isPrivateHost(new URL(secure).hostname)) return { urls: [secure] };
  const plain = baseUrl('http', text);
  const namesPort = isIP(text) !== 6 && /:\d+$/.test(text);
  return { urls: namesPort ? [secure, plain] : [secure, plain, `${plain}:${relayPort}`] };
}

/** Whether nobody else can read along: TLS, or a relay on this very machine. */
export function isSecureAddress(base: string): boolean {
  const { protocol, hostname } = new URL(base);
  return protocol === 'https:' || isLoopback(hostname);
}

export function socketUrl(base: string, path: string): string {
  return base.replace(/^http/, 'ws') + path;
}

function baseUrl(scheme: 'http' | 'https', rest: string): string {
  const bare = isIP(rest) === 6 ? `[${rest}]` : rest;
  const url = parseOrNull(`${scheme}://${bare}`);
  if (!url?.hostname || /\s/.test(rest))
    throw badAddress('This is not an address. Type it like relay.example.org or localhost:8080.');
  if (url.username || url.password) throw badAddress('Leave out the user name and password; they are asked for next.');
  return url.origin;
}

function parseOrNull(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\./.test(host);
}

const privateNames = /\.(local|localhost|lan|home\.arpa|internal)$/;
const privateIpv4 = /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)/;
const privateIpv6 = /^\[(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/;

function isPrivateHost(host: string): boolean {
  if (isLoopback(host) || privateNames.test(host)) return true;
  if (host.startsWith('[')) return privateIpv6.test(host);
  if (isIP(host) === 4) return privateIpv4.test(host);
  return !host.includes('.');
}

function badAddress(message: string): ParleyError {
  return new ParleyError('bad_request', { message, field: 'address' });
}

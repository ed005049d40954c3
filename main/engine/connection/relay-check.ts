/** Finds out who answers at an address, and whether this build can talk to it. */
import type { RelayView } from '../../../bridge/views.ts';
import { ParleyError, paths, protocolVersions, relayInfoSchema, type RelayInfo } from '../../../protocol/index.ts';
import { isSecureAddress, parseAddress } from './address.ts';
import type { HttpClient } from './http-client.ts';
import { notARelay, spokeNoTls } from './network-faults.ts';

const checkTimeoutMs = 5_000;

/** @throws ParleyError with words that fit the cause, for the field `address`. */
export async function checkRelay(http: HttpClient, typed: string): Promise<RelayView> {
  const [first, ...others] = parseAddress(typed).urls;
  return askInTurn(http, first, others);
}

/** Goes on to the next candidate only where nothing spoke TLS: whatever else went wrong is what the person must know. */
async function askInTurn(http: HttpClient, base: string, others: readonly string[]): Promise<RelayView> {
  try {
    return await askRelay(http, base);
  } catch (error) {
    const [next, ...rest] = others;
    if (next === undefined || !spokeNoTls(error)) throw error;
    return askInTurn(http, next, rest);
  }
}

/** Asks one base URL. @throws ParleyError as `checkRelay`. */
export async function askRelay(http: HttpClient, base: string): Promise<RelayView> {
  const { status, body } = await http({ method: 'GET', base, path: paths.relay, timeoutMs: checkTimeoutMs });
  if (status === 502 || status === 503 || status === 504) throw relayAway(base);
  const info = relayInfoSchema.safeParse(body);
  if (status === 200 && info.success) return assertCompatible(viewOf(base, info.data), info.data);
  throw status === 200 && claimsToBeRelay(body) ? incompatible(new URL(base).host) : notARelay(base);
}

function viewOf(base: string, info: RelayInfo): RelayView {
  const { id, name, version, registration, directory } = info;
  return { address: base, id, name, version, registration, directory, secure: isSecureAddress(base) };
}

function assertCompatible(view: RelayView, info: RelayInfo): RelayView {
  if (info.protocol.some((version) => (protocolVersions as readonly number[]).includes(version))) return view;
  throw incompatible(view.name || new URL(view.address).host);
}

/** A relay of another generation may describe itself in another shape. */
function claimsToBeRelay(body: unknown): boolean {
  return (body as { product?: unknown } | null | undefined)?.product === 'parley-relay';
}

export function incompatible(name: string): ParleyError {
  return new ParleyError('unsupported_version', {
    message: `${name} speaks another version of Parley's protocol. Update Parley; if it is up to date, ask the relay's admin to update.`,
    field: 'address',
  });
}

export function relayAway(base: string): ParleyError {
  const { host } = new URL(base);
  return new ParleyError('relay_unreachable', {
    message: `The relay behind ${host} is not running right now. Try again in a moment, or tell its admin.`,
    field: 'address',
  });
}

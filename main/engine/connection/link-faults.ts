/** Why a link to the relay ended, as an error with words. */
import {
  errorCodeOfClose,
  errorTable,
  isErrorCode,
  ParleyError,
  type ErrorCode,
  type FrameOf,
  type RelayFrame,
} from '../../../protocol/index.ts';
import { networkFault, notARelay, timedOutCode } from './network-faults.ts';
import { relayAway } from './relay-check.ts';

/** Whether a close follows: not after an error that is about one frame. */
export function endsConnection({ code, ref, conversation }: FrameOf<RelayFrame, 'error'>): boolean {
  if (ref !== undefined || conversation !== undefined) return false;
  return isErrorCode(code) && errorTable[code].close !== null;
}

export function faultOfFrame(frame: FrameOf<RelayFrame, 'error' | 'goodbye'>): ParleyError {
  const code = isErrorCode(frame.code) ? frame.code : 'unavailable';
  const { retryAfterMs } = frame;
  return new ParleyError(code, {
    message: words[code] ?? frame.message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** @param close the WebSocket's close code, Parley's own or any other. */
export function closeFault(base: string, close: number): ParleyError {
  const code = errorCodeOfClose(close);
  if (code) return new ParleyError(code, { message: words[code] ?? brokenOff(base) });
  return new ParleyError('relay_unreachable', { message: brokenOff(base) });
}

/** The handshake was answered with plain HTTP: a proxy without its relay, a busy relay, or something else altogether. */
export function refusalFault(base: string, status: number, retryAfterMs: number | undefined): ParleyError {
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429)
    return new ParleyError('too_many_connections', { message: words.too_many_connections ?? '', ...retry });
  if (status === 502 || status === 503 || status === 504)
    return new ParleyError('relay_unreachable', { ...retry, message: relayAway(base).message });
  return notARelay(base);
}

export function silenceFault(base: string): ParleyError {
  return networkFault(Object.assign(new Error('silence'), { code: timedOutCode }), base);
}

function brokenOff(base: string): string {
  return `The connection to ${new URL(base).host} was lost.`;
}

/** Where our own words help a person more than the relay's. */
const words: Partial<Record<ErrorCode, string>> = {
  unsupported_version:
    'The relay and this version of Parley do not understand each other. Update Parley, or ask the admin to update the relay.',
  unauthenticated: 'This device was logged out. Log in again; messages that wait are kept.',
  device_revoked:
    'This device was removed from the account, so what was kept here of it is erased. Log in again to use it here.',
  account_disabled: "This account was disabled. Ask the relay's admin.",
  replaced: 'Parley is open with this same login somewhere else. Close it there, then try again here.',
  too_many_connections: 'The relay has too many connections at the moment. Parley tries again by itself.',
  going_away: 'The relay is restarting. Parley comes back by itself.',
  flooding: 'The relay asked this device to slow down. Parley tries again by itself.',
  too_slow: 'The connection is too slow right now. Parley tries again by itself.',
  unavailable: 'The relay cannot work at the moment. Parley tries again by itself.',
  internal: 'The relay had a fault. Parley tries again by itself.',
};

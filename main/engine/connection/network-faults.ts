/** Says in words why a relay could not be reached, from what Node reports. */
import { ParleyError } from '../../../protocol/index.ts';

/** Raised by our own timers; Node's `ETIMEDOUT` means the same. */
export const timedOutCode = 'ETIMEDOUT';

type Fault = (host: string) => ParleyError;

const unreachable =
  (words: (host: string) => string): Fault =>
  (host) =>
    new ParleyError('relay_unreachable', { message: words(host), field: 'address' });
const refusedCertificate =
  (words: (host: string) => string): Fault =>
  (host) =>
    new ParleyError('certificate_refused', { message: words(host), field: 'address' });

const noNetwork = unreachable(() => 'There is no network connection. Parley goes on as soon as there is one.');
const selfSigned = refusedCertificate(
  (host) =>
    `The certificate of ${host} is self-signed, so Parley cannot tell whether it is really your relay. Ask its admin for a certificate from a known authority, or add theirs to this system.`,
);
const unknownIssuer = refusedCertificate(
  (host) =>
    `The certificate of ${host} was issued by an authority that this system does not know. Ask the relay's admin, or add the authority to this system.`,
);
const noTls = unreachable(
  (host) =>
    `${host} does not speak TLS at this port. If your relay is meant to run without it, type http:// before the address.`,
);
const brokeOff = unreachable((host) => `${host} broke the connection off. Try again in a moment.`);

const faults: Readonly<Record<string, Fault>> = {
  ENOTFOUND: unreachable((host) => `There is no server named ${host}. Check the address and your internet connection.`),
  EAI_AGAIN: unreachable((host) => `The name ${host} could not be looked up. Check your internet connection.`),
  ECONNREFUSED: unreachable((host) => `Nothing answers at ${host}. Check the port, and that the relay is running.`),
  [timedOutCode]: unreachable(
    (host) => `${host} did not answer in time. Check the address and your internet connection.`,
  ),
  ECONNRESET: brokeOff,
  EPIPE: brokeOff,
  EHOSTUNREACH: unreachable((host) => `There is no way to ${host} from this network. Check your connection.`),
  ENETUNREACH: noNetwork,
  ENETDOWN: noNetwork,
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: unknownIssuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  CERT_HAS_EXPIRED: refusedCertificate(
    (host) =>
      `The certificate of ${host} has expired. Check this computer's clock; if it is right, tell the relay's admin.`,
  ),
  CERT_NOT_YET_VALID: refusedCertificate(
    (host) =>
      `The certificate of ${host} is not valid yet. This computer's clock is probably behind: set it, then try again.`,
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: refusedCertificate(
    (host) =>
      `The server at ${host} shows a certificate for another name. Check the address; if it is right, tell the relay's admin.`,
  ),
  CERT_REVOKED: refusedCertificate((host) => `The certificate of ${host} was revoked. Tell the relay's admin.`),
};

/** @param base the URL that was asked; only its host is shown. */
export function networkFault(error: unknown, base: string): ParleyError {
  if (error instanceof ParleyError) return error;
  const { host } = new URL(base);
  const code = codeOf(error);
  if (code.startsWith('HPE_')) return notARelay(base, error);
  const known = faults[code];
  if (known) return withCause(known(host), error);
  if (/^(CERT_|ERR_TLS_CERT)/.test(code)) return withCause(unknownIssuer(host), error);
  if (/^ERR_SSL/.test(code)) return withCause(noTls(host), error);
  return withCause(
    unreachable((name) => `${name} could not be reached. Check the address and your internet connection.`)(host),
    error,
  );
}

export function notARelay(base: string, cause?: unknown): ParleyError {
  const { host } = new URL(base);
  return new ParleyError('not_a_relay', {
    message: `Something answers at ${host}, but it is not a Parley relay. Check the address and port.`,
    field: 'address',
    cause,
  });
}

/** Whether plain http may be tried next at a private address: nothing there spoke TLS. */
export function spokeNoTls(error: unknown): boolean {
  const code = codeOf(error instanceof ParleyError ? error.cause : error);
  return ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EPROTO'].includes(code) || code.startsWith('ERR_SSL');
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function withCause(fault: ParleyError, cause: unknown): ParleyError {
  return new ParleyError(fault.code, { message: fault.message, field: fault.field ?? 'address', cause });
}

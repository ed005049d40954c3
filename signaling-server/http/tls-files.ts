/** Reads the certificate and key of TLS and says in words what is wrong with them. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ParleyError } from '../../protocol/index.ts';

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** @throws ParleyError `unavailable` when they cannot be read, do not fit each other, or are not valid at `now`. */
export function loadTlsFiles(files: { readonly cert: string; readonly key: string }, now: number): TlsFiles {
  const cert = readText(files.cert, 'certificate');
  const key = readText(files.key, 'private key');
  const certificate = parseCertificate(cert, files.cert);
  if (!certificate.checkPrivateKey(parseKey(key, files.key))) {
    throw fault(`The certificate ${files.cert} and the private key ${files.key} do not belong together.`);
  }
  if (now > certificate.validToDate.getTime()) {
    throw fault(`The certificate ${files.cert} expired on ${day(certificate.validToDate)}. Renew it.`);
  }
  if (now < certificate.validFromDate.getTime()) {
    throw fault(
      `The certificate ${files.cert} is valid only from ${day(certificate.validFromDate)}. Check this machine's clock.`,
    );
  }
  return { cert, key };
}

/** @throws ParleyError `unavailable` when the text is not a PEM certificate. */
export function parseCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw fault(`${path} is not a certificate in PEM format.`, cause);
  }
}

function parseKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw fault(`${path} is not a private key in PEM format without a passphrase.`, cause);
  }
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? "the relay's user may not read it" : code;
    throw fault(`The ${what} ${path} cannot be read: ${why ?? 'unknown error'}.`, cause);
  }
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function fault(message: string, cause?: unknown): ParleyError {
  return new ParleyError('unavailable', { message, cause });
}

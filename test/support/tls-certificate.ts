/** Self-signed certificates for tests, made by openssl. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** For localhost and 127.0.0.1. A negative number of days makes one that has expired. */
export function makeCertificate(folder: string, name: string, days = 30): CertificateFiles {
  const key = join(folder, `${name}-key.pem`);
  const cert = join(folder, `${name}-cert.pem`);
  const at = (shift: number) => `${new Date(Date.now() + shift * 86_400_000).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  const dates = days > 0 ? ['-days', String(days)] : ['-not_before', at(days - 10), '-not_after', at(days)];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  execFileSync('openssl', [...kind, ...names, ...dates, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { cert, key };
}

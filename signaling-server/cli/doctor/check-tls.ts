/** Checks the certificate: fits its key, valid for a while, and for which names. */
import { readFileSync } from 'node:fs';
import { milliseconds } from '../../../protocol/index.ts';
import type { Config } from '../../config/settings-table.ts';
import { loadTlsFiles, parseCertificate } from '../../http/tls-files.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** Public authorities renew at 30 days left; half of that means the renewal has failed. */
const renewalDays = 14;

export function checkTls({ tlsCert, tlsKey, host }: Config, now: number): Finding {
  if (tlsCert === null || tlsKey === null) {
    const local = ['127.0.0.1', '::1', 'localhost'].includes(host);
    if (local) return ok('tls', 'off; the relay listens for this machine only');
    return warn(
      'tls',
      'off, and the relay listens for other machines',
      'Set --tls-cert and --tls-key, or --host 127.0.0.1 behind a reverse proxy.',
    );
  }
  try {
    loadTlsFiles({ cert: tlsCert, key: tlsKey }, now);
  } catch (error) {
    return fail('tls', (error as Error).message, 'Name a certificate and its own key with --tls-cert and --tls-key.');
  }
  const { validToDate, subjectAltName } = parseCertificate(readFileSync(tlsCert, 'utf8'), tlsCert);
  const days = Math.floor((validToDate.getTime() - now) / milliseconds.day);
  const found = `valid for ${days} more days, for ${subjectAltName ?? 'no name'}`;
  if (subjectAltName === undefined)
    return warn('tls', found, 'Apps will refuse it: get one with the host name as subjectAltName.');
  return days < renewalDays ? warn('tls', found, 'Renew it, then `kill -HUP` the relay.') : ok('tls', found);
}

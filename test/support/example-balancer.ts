/** A real HAProxy with the configuration of `deploy/fleet`, on free ports, before three nodes of this machine. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findPort } from '../../scripts/relay-session.ts';
import { writeCertificate } from './tls-certificate.ts';

const haproxy = '/usr/sbin/haproxy';
const example = resolve(import.meta.dirname, '../../deploy/fleet/haproxy.cfg');

export const hasBalancer = existsSync(haproxy);

export interface ExampleBalancer {
  readonly process: ChildProcess;
  /** Of https; its certificate is nobody's. */
  readonly port: number;
}

/** @param folder for its files. @param nodes the ports of three. @throws when HAProxy does not take the configuration. */
export async function startExampleBalancer(folder: string, nodes: readonly number[]): Promise<ExampleBalancer> {
  const { cert, key } = writeCertificate(folder);
  const pem = join(folder, 'both.pem');
  writeFileSync(pem, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'));
  const [tls, plain, stats] = [await findPort(0), await findPort(0), await findPort(0)];
  const config = join(folder, 'haproxy.cfg');
  writeFileSync(
    config,
    readFileSync(example, 'utf8')
      .replace(':443', `:${tls}`)
      .replace(':80\n', `:${plain}\n`)
      .replace(':8404', `:${stats}`)
      .replace('maxconn 200000', 'maxconn 500'),
  );
  const [RELAY1, RELAY2, RELAY3] = nodes.map((port) => `127.0.0.1:${port}`);
  const env = { ...process.env, PARLEY_CERTIFICATE: pem, RELAY1, RELAY2, RELAY3 };
  execFileSync(haproxy, ['-c', '-f', config], { env, stdio: 'ignore' });
  return { process: spawn(haproxy, ['-f', config], { env, stdio: 'ignore' }), port: tls };
}

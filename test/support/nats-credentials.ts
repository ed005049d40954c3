/** An operator, an account and a user of NATS with signed credentials, as the tool `nsc` makes them. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

export interface NatsCredentials {
  /** The server's configuration: it knows the operator and the account. */
  readonly serverConfig: string;
  /** The user's, for the relay. */
  readonly credentialsFile: string;
}

export function writeNatsCredentials(folder: string): NatsCredentials {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const unlimited = { subs: -1, conn: -1, leaf: -1, imports: -1, exports: -1, data: -1, payload: -1, wildcards: true };
  const operatorJwt = sign(operator, operator, { type: 'operator' });
  const accountJwt = sign(operator, account, { type: 'account', limits: unlimited });
  const userJwt = sign(account, user, { type: 'user', subs: -1, data: -1, payload: -1 });
  const files = { serverConfig: join(folder, 'server.conf'), credentialsFile: join(folder, 'relay.creds') };
  const preload = `resolver_preload: { ${account.getPublicKey()}: ${accountJwt} }`;
  writeFileSync(files.serverConfig, `operator: ${operatorJwt}\nresolver: MEMORY\n${preload}\n`);
  const seed = new TextDecoder().decode(user.getSeed());
  writeFileSync(files.credentialsFile, block('NATS USER JWT', userJwt) + block('USER NKEY SEED', seed), {
    mode: 0o600,
  });
  return files;
}

/** A token by which `issuer` vouches for `subject`: JWT with NATS's own algorithm name for Ed25519. */
function sign(issuer: KeyPair, subject: KeyPair, nats: object): string {
  const claims = {
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1_000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: 'test',
    nats: { ...nats, version: 2 },
  };
  const text = `${encode({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encode(claims)}`;
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function block(name: string, text: string): string {
  return `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n\n`;
}

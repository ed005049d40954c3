/** Reads where the NATS servers are: `nats://a:4222,b:4222`, with credentials in the address where there are any. */
import { ParleyError } from '../../../protocol/index.ts';

export interface BusAddress {
  /** `host:port` of each server. */
  readonly hosts: readonly string[];
  /** Whether the connection must be encrypted; a server may ask for it by itself, too. */
  readonly tls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** `nats://TOKEN@host` */
  readonly token: string | undefined;
}

const defaultPort = '4222';
const schemes = new Map([
  ['nats:', false],
  ['tls:', true],
]);

/**
 * @param text one or more addresses with commas between them; those without a scheme have that of the one before.
 * @throws ParleyError `bad_request` when one is no address; its message never repeats what may hold a password.
 */
export function parseBusAddress(text: string): BusAddress {
  let scheme = 'nats:';
  const urls = text.split(',').map((part, index) => {
    const url = toUrl(part.trim(), scheme, index + 1);
    scheme = url.protocol;
    return url;
  });
  const [first] = urls.filter(({ username }) => username !== '');
  for (const { username, password } of urls) {
    if (username && (username !== first?.username || password !== first.password))
      throw wrong('The addresses have different credentials. Give all servers the same user and password.');
  }
  const user = first && decodeURIComponent(first.username);
  const password = first?.password ? decodeURIComponent(first.password) : undefined;
  return {
    hosts: urls.map(({ hostname, port }) => `${hostname}:${port || defaultPort}`),
    tls: urls.some(({ protocol }) => schemes.get(protocol)),
    user: password === undefined ? undefined : user,
    password,
    token: password === undefined ? user : undefined,
  };
}

function toUrl(part: string, scheme: string, place: number): URL {
  const text = /^[a-z+]+:\/\//i.test(part) ? part : `${scheme}//${part}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isAddress = url && schemes.has(url.protocol) && url.hostname && !url.search && !url.hash;
  if (isAddress && (url.pathname === '' || url.pathname === '/')) return url;
  throw wrong(
    `Address ${place} of the bus is not one of a NATS server. Write nats://host:4222, or tls://host:4222 for an ` +
      'encrypted connection, with nats://user:password@host:4222 for credentials and commas between several.',
  );
}

function wrong(message: string): ParleyError {
  return new ParleyError('bad_request', { message });
}

/** Which certificate authorities the engine trusts: Node's own and, where the runtime can read them, the system's. */
import tls from 'node:tls';

type ListAuthorities = (store: 'default' | 'system') => string[];

let context: tls.SecureContext | undefined;

/** Made once, as reading a few hundred certificates takes a while. Undefined where Node's own are all there is. */
export function trustedAuthorities(): tls.SecureContext | undefined {
  const list = (tls as { getCACertificates?: ListAuthorities }).getCACertificates;
  if (!list) return undefined;
  context ??= tls.createSecureContext({ ca: [...new Set([...list('default'), ...systemAuthorities(list)])] });
  return context;
}

function systemAuthorities(list: ListAuthorities): string[] {
  try {
    return list('system');
  } catch {
    return [];
  }
}

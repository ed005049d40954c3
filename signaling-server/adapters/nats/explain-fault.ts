/** Says in words what keeps this node from NATS, and what to do. */
import { AuthorizationError, TimeoutError, UserAuthenticationExpiredError } from '@nats-io/transport-node';

interface Explanation {
  readonly what: string;
  readonly advice: string;
}

const running = 'Check that nats-server runs there and that no firewall is between';

export function explainFault(error: unknown): Explanation {
  if (error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError)
    return { what: 'the server refused the credentials', advice: 'Check user and password, token or credentials file' };
  const code = codeOf(error);
  if (error instanceof TimeoutError || code === 'ETIMEDOUT') return { what: 'no answer', advice: running };
  if (code === 'ECONNREFUSED') return { what: 'connection refused', advice: running };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { what: 'the host name is not known', advice: 'Check the address and the name service' };
  if (code === 'ENOENT' || code === 'EACCES')
    return { what: 'a file of the credentials or certificates cannot be read', advice: 'Check that the relay may' };
  const what = error instanceof Error && error.message ? error.message : 'the connection ended';
  return { what, advice: /cert|tls|ssl|self.signed/i.test(what) ? 'Check the certificate and the CA file' : running };
}

/** The library puts the system's error into one of its own. */
function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  return (error as { code?: unknown }).code ?? codeOf(error.cause);
}

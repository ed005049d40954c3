/** Addresses of STUN and TURN servers, as WebRTC writes them. */
import { z } from 'zod';

/**
 * `stun:HOST`, `turns:HOST:PORT`, `turn:HOST:PORT?transport=tcp`.
 * @see https://www.rfc-editor.org/rfc/rfc7064 and https://www.rfc-editor.org/rfc/rfc7065
 */
export function iceUrlSchema(kind: 'stun' | 'turn') {
  const query = kind === 'turn' ? '(\\?transport=(udp|tcp))?' : '';
  const form = new RegExp(`^${kind}s?:(\\[[0-9a-f:]+\\]|[\\w.-]+)(:\\d{1,5})?${query}$`, 'i');
  const example = kind === 'turn' ? 'turn:turn.example.org:3478' : 'stun:turn.example.org:3478';
  return z.string().max(500).regex(form, `has an address that is not of the form ${example}`);
}

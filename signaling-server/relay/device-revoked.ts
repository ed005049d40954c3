/** What a device is told whose session was ended from elsewhere, over HTTP and on its socket. */
import { ParleyError } from '../../protocol/index.ts';

export function deviceRevoked(): ParleyError {
  return new ParleyError('device_revoked', {
    message:
      'This device was logged out from elsewhere. What it kept of the account is erased; log in to use it again.',
  });
}

/** Why an upload does not go on, in words for the person who sends it. */
import { ParleyError } from '../../../protocol/index.ts';

export function wrongOffset(present: number): ParleyError {
  return new ParleyError('blob_offset', {
    message: `The relay has ${present} bytes of this upload. Go on from there.`,
  });
}

export function mismatch(): ParleyError {
  const message = 'What arrived is not the file that was announced. Send it again.';
  return new ParleyError('blob_mismatch', { message });
}

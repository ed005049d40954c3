/** What a difference that stays is to a person: what happened, and what to do. */
import type { FaultView } from '../../../bridge/views.ts';
import { ParleyError } from '../../../protocol/index.ts';

/** This device and the relay differ, and fetching again did not help. */
export const divergedProblem: FaultView = {
  code: 'diverged',
  message:
    'Messages here differ from what the relay vouches for, and fetching them again did not put it right. Nothing was removed. Ask the relay’s admin to run “parley-relay verify”.',
};

/** What is stored here is not what it was when it was read the last time, and nobody wrote it. */
export const damagedProblem: FaultView = {
  code: 'history_damaged',
  message:
    'Messages of this conversation changed on this computer without Parley. They are fetched again as soon as the relay can be asked.',
};

/** The relay's log ends before what is stored here. */
export const relayBehindProblem: FaultView = {
  code: 'relay_behind',
  message:
    'The relay was put back to an earlier state and lost messages. They are kept on this computer and marked. They come back as soon as Parley is online on a device of those who sent them.',
};

/** Another device signed off something else than this one, which is the same as the relay. */
export function devicesDifferProblem(count: number): FaultView {
  const which = count === 1 ? 'One device holds' : `${count} devices hold`;
  return {
    code: 'device_differs',
    message: `${which} something else than this device and the relay. It is put right there as soon as Parley is online on it.`,
  };
}

/** The relay is of a version that keeps no chains. */
export const oldRelayProblem: FaultView = {
  code: 'relay_old',
  message: 'This relay is of an older version that cannot prove what its log holds. Ask its admin to update it.',
};

export function cannotCheck(isUp: boolean): ParleyError {
  const { message } = oldRelayProblem;
  if (isUp) return new ParleyError('unavailable', { message });
  return new ParleyError('relay_unreachable', {
    message: 'Parley is not connected to the relay. It compares by itself as soon as it is.',
  });
}

/** What it says of the conversation that the relay refuses to compare it; null when it says nothing. */
export function refusalProblem({ code, message }: ParleyError): FaultView | null {
  if (code === 'seq_ahead') return relayBehindProblem;
  return code === 'storage_failed' ? { code: 'relay_damaged', message } : null;
}

/** Closes sockets whose session ended without this node having heard of it. */
import { ParleyError } from '../../protocol/index.ts';
import type { Store } from '../ports/store.ts';
import type { Person } from './people.ts';

/** @returns looks at the sessions of some people. */
export function createEndedSessions({ devices }: Pick<Store, 'devices'>) {
  return async (people: readonly Person[]): Promise<void> => {
    // Not those that open meanwhile: they have been looked up.
    const asked = people.map(({ user, sessions }) => ({ user, sessions: [...sessions] }));
    const standing = await devices.standing(asked.map(({ user }) => user));
    for (const { user, sessions } of asked) {
      const ids = new Set(standing.get(user));
      for (const { device, wire } of sessions) if (!ids.has(device)) wire.fail(lookAgain());
    }
  };
}

/** The device is told why when it says hello: it may have to erase what it keeps. */
function lookAgain(): ParleyError {
  return new ParleyError('going_away', { message: 'The relay has to look at this session again. Connect again.' });
}

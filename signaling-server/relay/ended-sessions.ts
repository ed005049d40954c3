/** Closes sockets whose session ended without this node having heard of it. */
import { ParleyError } from '../../protocol/index.ts';
import type { Store } from '../ports/store.ts';
import type { Person } from './people.ts';

/** @returns looks at the sessions of one person. */
export function createEndedSessions({ accounts, devices }: Pick<Store, 'accounts' | 'devices'>) {
  return async (person: Person): Promise<void> => {
    const { sessions } = person;
    if (sessions.length === 0) return;
    const [account, standing] = await Promise.all([accounts.byId(person.user), devices.listOf(person.user)]);
    const ids = new Set(account && !account.disabled ? standing.map(({ id }) => id) : []);
    // Not those that opened meanwhile: they have been looked up.
    for (const { device, wire } of sessions) if (!ids.has(device)) wire.fail(lookAgain());
  };
}

/** The device is told why when it says hello: it may have to erase what it keeps. */
function lookAgain(): ParleyError {
  return new ParleyError('going_away', { message: 'The relay has to look at this session again. Connect again.' });
}

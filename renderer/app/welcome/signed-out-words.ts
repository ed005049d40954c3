/** What the first screen says, by why nobody is logged in. */
import type { SessionView } from '../../../bridge/views.ts';

type SignedOut = Extract<SessionView, { state: 'signed-out' }>;

function kept(waiting: number): string {
  if (waiting === 0) return 'Your history on this computer is kept.';
  const messages = waiting === 1 ? 'one waiting message' : `${waiting.toLocaleString()} waiting messages`;
  return `Your history and ${messages} are kept on this computer.`;
}

export function signedOutWords({ reason, waiting }: SignedOut): { title: string; text: string } {
  switch (reason) {
    case 'revoked':
      return {
        title: 'This device was logged out',
        text: `The relay or its admin ended its session. ${kept(waiting)} Log in to go on.`,
      };
    case 'erased':
      return {
        title: 'This device was logged out and erased',
        text:
          'Its session was ended from another device, by a changed password or by the relay’s admin, so everything it ' +
          'kept of the account was erased. Your history is still on the relay: log in to have it here again.',
      };
    case 'disabled':
      return {
        title: 'This account is disabled',
        text: `The relay’s admin disabled it; ask them why. ${kept(waiting)}`,
      };
    case 'logged-out':
      return {
        title: 'Welcome back',
        text: waiting === 0 ? 'Log in to your relay.' : `${kept(waiting)} Log in to send them.`,
      };
    case 'never':
      return {
        title: 'Welcome to Parley',
        text: 'Parley works with a relay: a server that you or someone you trust runs. Which one is yours?',
      };
  }
}

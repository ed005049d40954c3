/** A new relay asks nobody in by itself: its first start gives the admin a code for the first account. */
import { milliseconds } from '../../protocol/index.ts';
import type { Config } from '../config/settings-table.ts';
import type { Relay } from '../start-relay.ts';

/** The code goes to standard error for the admin to read, never to the log. */
export async function offerFirstInvite({ registration, data }: Config, { admin, store }: Relay): Promise<void> {
  if (registration !== 'invite' || (await store.accounts.list(null, 1)).length > 0) return;
  const { invites } = await admin.listInvites({});
  const tell = (text: string) => process.stderr.write(`${text}\n`);
  if (invites.length > 0) {
    tell(`Nobody has an account here yet. For an invite code:  parley-relay invite create --data ${data}`);
    return;
  }
  const { code } = await admin.createInvite({ maxUses: 1, expiresAt: Date.now() + 7 * milliseconds.day });
  tell(`
Nobody has an account here yet. Register in the app with this invite code (for one person, for 7 days):

    ${code}

For more people:  parley-relay invite create --data ${data}
`);
}

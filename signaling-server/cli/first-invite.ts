/** A new relay asks nobody in by itself: its first start gives the admin a code for the first account. */
import { milliseconds } from '../../protocol/index.ts';
import type { Config } from '../config/settings-table.ts';
import type { Relay } from '../start-relay.ts';

/** The code goes to standard error for the admin to read, never to the log. */
export async function offerFirstInvite({ registration, data, readOnly }: Config, relay: Relay): Promise<void> {
  const { admin, store } = relay;
  if (registration !== 'invite' || readOnly || (await store.accounts.list(null, 1)).length > 0) return;
  const { invites } = await admin.listInvites({});
  const tell = (text: string) => process.stderr.write(`${text}\n`);
  if (invites.length > 0) {
    tell(`Nobody has an account here yet. For an invite code:  parley-relay invite create --data ${data}`);
    return;
  }
  const { code, label } = await admin.createInvite({ maxUses: 1, expiresAt: Date.now() + 7 * milliseconds.day });
  if (!(await isFirst(relay, label))) {
    await admin.revokeInvite({ label });
    return void tell('Nobody has an account here yet. Another node of this fleet has told the first invite code.');
  }
  tell(`
Nobody has an account here yet. Register in the app with this invite code (for one person, for 7 days):

    ${code}

For more people:  parley-relay invite create --data ${data}
`);
}

/** Of nodes that start at once, each sees the codes of those that came before its own; all agree on which is first. */
async function isFirst({ admin }: Relay, label: string): Promise<boolean> {
  const { invites } = await admin.listInvites({});
  const usable = invites.filter(({ revoked }) => !revoked);
  const first = usable.reduce((a, b) =>
    b.createdAt < a.createdAt || (b.createdAt === a.createdAt && b.label < a.label) ? b : a,
  );
  return first.label === label;
}

/** `invite create|list|revoke`. */
import { milliseconds } from '../../protocol/index.ts';
import type { AdminInvite } from '../admin/admin-contract.ts';
import type { Config } from '../config/settings-table.ts';
import { wholeNumber } from '../config/value-kinds.ts';
import { describeTime, printJson, printLine, printTable } from './print.ts';
import { readFlag } from './read-flag.ts';
import { withAdmin } from './with-admin.ts';

type Flags = Readonly<Record<string, unknown>>;

export async function createInvite(config: Config, flags: Flags): Promise<void> {
  const maxUses = readFlag('--uses', flags['uses'] ?? 1, wholeNumber(1, 1_000_000));
  const days = readFlag('--days', flags['days'] ?? 7, wholeNumber(0, 36_500));
  const expiresAt = days === 0 ? null : Date.now() + days * milliseconds.day;
  const invite = await withAdmin(config, (acts) => acts.createInvite({ maxUses, expiresAt }));
  if (flags['json'] === true) return printJson(invite);
  printLine(invite.code);
  const until = expiresAt === null ? 'It does not expire.' : `It expires on ${describeTime(expiresAt)}.`;
  process.stderr.write(`For ${maxUses} ${maxUses === 1 ? 'person' : 'people'}. ${until} It is shown this once.\n`);
}

export async function listInvites(config: Config, flags: Flags): Promise<void> {
  const { invites } = await withAdmin(config, (acts) => acts.listInvites({}));
  if (flags['json'] === true) return printJson(invites);
  if (invites.length === 0) return printLine('There are no invites. `parley-relay invite create` makes one.');
  printTable(
    ['LABEL', 'USED', 'CREATED', 'EXPIRES', 'STATE'],
    invites.map((invite) => [
      invite.label,
      `${invite.uses} of ${invite.maxUses}`,
      describeTime(invite.createdAt),
      invite.expiresAt === null ? 'never' : describeTime(invite.expiresAt),
      stateOf(invite, Date.now()),
    ]),
  );
}

export async function revokeInvite(config: Config, label: string): Promise<void> {
  await withAdmin(config, (acts) => acts.revokeInvite({ label: label.trim().toLowerCase().split('-', 1)[0] ?? '' }));
  printLine('The invite cannot be used any more.');
}

function stateOf({ revoked, uses, maxUses, expiresAt }: AdminInvite, now: number): string {
  if (revoked) return 'revoked';
  if (uses >= maxUses) return 'used up';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'usable';
}

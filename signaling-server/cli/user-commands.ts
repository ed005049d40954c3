/** `user add|list|disable|enable|reset-password`. */
import { adminContract, type AdminActs, type AdminUser } from '../admin/admin-contract.ts';
import type { Config } from '../config/settings-table.ts';
import { parseInput } from '../http/json-body.ts';
import { askPassword, type GivenPassword } from './ask-password.ts';
import { describeTime, printJson, printLine, printTable } from './print.ts';
import { withAdmin } from './with-admin.ts';

type Flags = Readonly<Record<string, unknown>>;

const pageRows = 500;

export async function addUser(config: Config, username: string, flags: Flags): Promise<void> {
  const profile = {
    username,
    displayName: flags['displayName'] ?? username,
    email: flags['email'] ?? null,
    phone: flags['phone'] ?? null,
  };
  const parsed = parseInput(adminContract.addUser.input.omit({ password: true }), profile);
  const given = await askPassword(flags);
  const user = await withAdmin(config, (acts) => acts.addUser({ ...parsed, password: given.password }));
  printLine(`Added ${user.username} (${user.displayName}).`);
  showGenerated(given);
}

export async function listUsers(config: Config, flags: Flags): Promise<void> {
  const users = await withAdmin(config, allUsers);
  if (flags['json'] === true) return printJson(users);
  if (users.length === 0) return printLine('There are no accounts yet. `parley-relay user add USERNAME` makes one.');
  printTable(
    ['USERNAME', 'NAME', 'E-MAIL', 'PHONE', 'SINCE', 'STATE'],
    users.map((user) => [
      user.username,
      user.displayName,
      user.email ?? '-',
      user.phone ?? '-',
      describeTime(user.createdAt),
      user.disabled ? 'disabled' : 'active',
    ]),
  );
}

export async function setUserDisabled(config: Config, name: string, disabled: boolean): Promise<void> {
  const { username } = parseInput(adminContract.listDevices.input, { username: name });
  await withAdmin(config, (acts) => acts.setUserDisabled({ username, disabled }));
  printLine(disabled ? `Disabled ${username}; their devices are cut off.` : `Enabled ${username}.`);
}

export async function resetPassword(config: Config, name: string, flags: Flags): Promise<void> {
  const { username } = parseInput(adminContract.listDevices.input, { username: name });
  const given = await askPassword(flags);
  const { endedSessions } = await withAdmin(config, (acts) =>
    acts.resetPassword({ username, password: given.password }),
  );
  printLine(`Set a new password for ${username} and logged out ${endedSessions} device(s).`);
  showGenerated(given);
}

async function allUsers(acts: AdminActs): Promise<AdminUser[]> {
  const all: AdminUser[] = [];
  for (;;) {
    const { users } = await acts.listUsers({ after: all.at(-1)?.username ?? null, limit: pageRows });
    all.push(...users);
    if (users.length < pageRows) return all;
  }
}

function showGenerated({ password, generated }: GivenPassword): void {
  if (generated) printLine(`Password: ${password}`);
}

/** `device list|revoke`. */
import { deviceIdSchema } from '../../protocol/index.ts';
import { adminContract } from '../admin/admin-contract.ts';
import type { Config } from '../config/settings-table.ts';
import { parseInput } from '../http/json-body.ts';
import { describeTime, printJson, printLine, printTable } from './print.ts';
import { readFlag } from './read-flag.ts';
import { withAdmin } from './with-admin.ts';

export async function listDevices(
  config: Config,
  name: string,
  flags: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { username } = parseInput(adminContract.listDevices.input, { username: name });
  const { devices } = await withAdmin(config, (acts) => acts.listDevices({ username }));
  if (flags['json'] === true) return printJson(devices);
  if (devices.length === 0) return printLine(`${username} is not logged in on any device.`);
  printTable(
    ['ID', 'NAME', 'PLATFORM', 'SINCE', 'LAST ACTIVE'],
    devices.map((device) => [
      device.id,
      device.name,
      device.platform,
      describeTime(device.createdAt),
      describeTime(device.lastActiveAt),
    ]),
  );
}

export async function revokeDevice(config: Config, id: string): Promise<void> {
  const device = readFlag('DEVICE', id, deviceIdSchema);
  await withAdmin(config, (acts) => acts.revokeDevice({ device }));
  printLine('The device is logged out.');
}

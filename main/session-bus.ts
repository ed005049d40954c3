/** Asks the Linux desktop's session bus which of its services are there. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

const timeoutMs = 1_500;
const bus = 'org.freedesktop.DBus';
const busPath = '/org/freedesktop/DBus';

/** Who shows tray icons: the panel, or an extension of it (freedesktop's StatusNotifierItem). */
const trayService = 'org.kde.StatusNotifierWatcher';
const notificationService = 'org.freedesktop.Notifications';

/**
 * Whether icons in the tray are shown. Always true on macOS and Windows. On Linux nobody answering means none: a window
 * hidden into a tray that is not there could not be brought back.
 */
export async function hasTray(platform: NodeJS.Platform, env: Env): Promise<boolean> {
  return platform !== 'linux' || ownsName(trayService, env);
}

/** Whether notifications are shown; on Linux their service may also be one that starts when it is needed. */
export async function hasNotificationService(platform: NodeJS.Platform, env: Env): Promise<boolean> {
  if (platform !== 'linux') return true;
  if (await ownsName(notificationService, env)) return true;
  const startable = await ask('ListActivatableNames', [], env);
  return startable.includes(`"${notificationService}"`) || startable.includes(`'${notificationService}'`);
}

async function ownsName(name: string, env: Env): Promise<boolean> {
  return /\btrue\b/.test(await ask('NameHasOwner', [name], env));
}

/** By whichever of the two usual tools is installed. @returns what it printed; empty when nobody answered. */
async function ask(method: string, names: readonly string[], env: Env): Promise<string> {
  const address = sessionBus(env);
  if (address === null) return '';
  const strings = names.map((name) => `string:${name}`);
  const send = ['--print-reply', `--bus=${address}`, `--dest=${bus}`, busPath, `${bus}.${method}`, ...strings];
  const gdbus = [
    '--address',
    address,
    '--dest',
    bus,
    '--object-path',
    busPath,
    '--method',
    `${bus}.${method}`,
    ...names,
  ];
  return (await output('dbus-send', send, env)) ?? (await output('gdbus', ['call', ...gdbus], env)) ?? '';
}

/** The address of the bus; none is ever started for this. */
function sessionBus(env: Env): string | null {
  const address = env['DBUS_SESSION_BUS_ADDRESS'];
  if (address) return /^(unix|tcp):/.test(address) ? address : null;
  const socket = env['XDG_RUNTIME_DIR'] && join(env['XDG_RUNTIME_DIR'], 'bus');
  return socket && existsSync(socket) ? `unix:path=${socket}` : null;
}

/** @returns what a program printed; null when it is not installed or failed. */
function output(program: string, args: readonly string[], env: Env): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(program, args, { env: { ...env }, timeout: timeoutMs }, (error, stdout) => resolve(error ? null : stdout));
  });
}

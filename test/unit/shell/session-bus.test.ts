import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasNotificationService, hasTray } from '../../../main/session-bus.ts';

let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'parley-bus-'));
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

/** Installs one of the two tools that can ask the bus, as a script that answers by what it is asked. */
function install(tool: 'dbus-send' | 'gdbus', cases: Record<string, string>): void {
  const branches = Object.entries(cases).map(([pattern, answer]) => `*${pattern}*) echo '${answer}';;`);
  writeFileSync(join(bin, tool), `#!/bin/sh\ncase "$*" in ${branches.join(' ')} *) exit 1;; esac\n`);
  chmodSync(join(bin, tool), 0o755);
}

const onBus = () => ({ PATH: bin, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus' });

describe.skipIf(process.platform === 'win32')('the session bus', () => {
  it('is not asked on macOS and Windows, which always have a tray', async () => {
    expect(await hasTray('darwin', {})).toBe(true);
    expect(await hasTray('win32', {})).toBe(true);
  });

  it.each(['dbus-send', 'gdbus'] as const)('tells by %s whether a panel shows tray icons', async (tool) => {
    install(tool, { StatusNotifierWatcher: 'boolean true' });
    expect(await hasTray('linux', onBus())).toBe(true);
    install(tool, { StatusNotifierWatcher: '(false,)' });
    expect(await hasTray('linux', onBus())).toBe(false);
  });

  it('means no tray where nobody answers: no tool, no bus, a bus that is switched off', async () => {
    expect(await hasTray('linux', onBus())).toBe(false);
    install('dbus-send', { StatusNotifierWatcher: 'boolean true' });
    expect(await hasTray('linux', { PATH: bin })).toBe(false);
    expect(await hasTray('linux', { PATH: bin, DBUS_SESSION_BUS_ADDRESS: 'disabled:' })).toBe(false);
    expect(await hasTray('linux', { PATH: bin, DBUS_SESSION_BUS_ADDRESS: 'autolaunch:' })).toBe(false);
  });

  it('knows notification services that run, and those that start when needed', async () => {
    install('dbus-send', { NameHasOwner: 'boolean true' });
    expect(await hasNotificationService('linux', onBus())).toBe(true);
    install('dbus-send', {
      NameHasOwner: 'boolean false',
      ListActivatableNames: 'string "org.freedesktop.Notifications"',
    });
    expect(await hasNotificationService('linux', onBus())).toBe(true);
    install('dbus-send', { NameHasOwner: 'boolean false', ListActivatableNames: 'string "org.freedesktop.DBus"' });
    expect(await hasNotificationService('linux', onBus())).toBe(false);
  });
});

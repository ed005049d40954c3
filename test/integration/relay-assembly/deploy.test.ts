/** The files in `deploy/` are right as far as that can be found out without the machines they are for. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hasNatsServer, natsServerProgram } from '../../../scripts/engine-programs.ts';
import { loadConfig } from '../../../signaling-server/config/load-config.ts';
import { settingNames, variableOf } from '../../../signaling-server/config/settings-table.ts';
import { hasPostgres, startPostgres } from '../../support/postgres-server.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';

const deploy = resolve(import.meta.dirname, '../../../deploy');
const files = readdirSync(deploy, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
const textOf = (name: string): string => readFileSync(join(deploy, name), 'utf8');

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => removeFolder(folder));

/** Lines of `NAME=value`, as systemd and compose read them. */
function variablesIn(text: string): Record<string, string> {
  const lines = text.matchAll(/^(?:Environment=)?([A-Z0-9_]+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name ?? '', value ?? '']));
}

describe('the example files', () => {
  it('name no setting that the relay does not have', () => {
    const known = new Set([...settingNames.map(variableOf), 'PARLEY_CERTIFICATE']);
    expect(files.length).toBeGreaterThan(8);
    for (const file of files) {
      const named = readFileSync(file, 'utf8').match(/\bPARLEY_[A-Z0-9_]+/g) ?? [];
      expect(
        named.filter((name) => !known.has(name)),
        relative(deploy, file),
      ).toEqual([]);
    }
  });

  it('give the relay settings that it takes', () => {
    const fleet = loadConfig({ flags: {}, env: variablesIn(textOf('fleet/fleet.env.example')), file: null });
    expect(fleet.bus).toHaveLength(3);
    expect([fleet.store, fleet.blobs].every((engine) => engine !== null)).toBe(true);
    const single = loadConfig({ flags: {}, env: variablesIn(textOf('single/parley-relay.service')), file: null });
    expect(single.data).toBe('/var/lib/parley');
  });

  it('wait longer for a stopping relay than the relay waits for its sockets', () => {
    const { stopTimeoutMs } = loadConfig({ flags: {}, env: {}, file: null });
    for (const unit of ['fleet/parley-relay.service', 'single/parley-relay.service']) {
      const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(textOf(unit))?.[1]);
      expect(seconds * 1_000).toBeGreaterThan(stopTimeoutMs + 10_000);
    }
  });
});

describe.skipIf(spawnSync('systemd-analyze', ['--version'], { stdio: 'ignore' }).status !== 0)('the units', () => {
  it('are such as systemd takes', () => {
    for (const unit of ['fleet/parley-relay.service', 'single/parley-relay.service']) {
      const place = join(folder, unit.split('/')[0] ?? '');
      mkdirSync(place, { recursive: true });
      const file = join(place, 'parley-relay.service');
      // The program need not be installed here; `parley` need not be a user.
      writeFileSync(
        file,
        textOf(unit).replace('/usr/local/bin/parley-relay', '/bin/true').replace('User=parley', 'User=nobody'),
      );
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
      expect([unit, stderr.replace(/^.*(user-|Special user nobody).*\n/gm, ''), status]).toEqual([unit, '', 0]);
    }
  });
});

describe.skipIf(!hasNatsServer())('the configuration for NATS', () => {
  it('is such as nats-server takes', () => {
    const env = { ...process.env, NATS_PASSWORD: 'x' };
    execFileSync(natsServerProgram(), ['-t', '-c', join(deploy, 'fleet/nats.conf')], { env, stdio: 'pipe' });
  });
});

describe.skipIf(!hasPostgres)('the settings for PostgreSQL', () => {
  it('are settings that it has, with values that it takes', async () => {
    const lines = textOf('fleet/postgresql.conf').matchAll(/^([a-z_]+) = '?(.*?)'?$/gm);
    const settings = Object.fromEntries([...lines].map(([, name, value]) => [name ?? '', value ?? '']));
    expect(Object.keys(settings).length).toBeGreaterThan(10);
    // Nobody would confirm, and nothing is to be archived here.
    const server = await startPostgres({
      settings: { ...settings, synchronous_standby_names: '', archive_mode: 'off' },
    });
    try {
      const [row] = await server.run("SELECT current_setting('max_connections') AS most");
      expect(row).toEqual({ most: settings['max_connections'] });
    } finally {
      await server.stop();
    }
  });
});

const python = '/usr/bin/python3';
const canReadYaml = existsSync(python) && spawnSync(python, ['-c', 'import yaml'], { stdio: 'ignore' }).status === 0;

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      networks: z.array(z.string()).optional(),
      volumes: z.array(z.string()).optional(),
      depends_on: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.coerce.string()).optional(),
    }),
  ),
  networks: z.record(z.string(), z.unknown()),
  volumes: z.record(z.string(), z.unknown()),
});

describe.skipIf(!canReadYaml)('the compose files', () => {
  it('name only services, networks, volumes and files that they have, and give relays settings they take', () => {
    for (const name of ['single', 'fleet']) {
      const script = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))';
      const text = textOf(`${name}/compose.yaml`).replaceAll(/\$\{[A-Z_]+(:[?-][^}]*)?\}/g, 'filled-in');
      const read = execFileSync(python, ['-c', script], { input: text, encoding: 'utf8' });
      const compose = composeSchema.parse(JSON.parse(read));
      for (const service of Object.values(compose.services)) {
        for (const network of service.networks ?? []) expect(Object.keys(compose.networks)).toContain(network);
        for (const other of service.depends_on ?? []) expect(Object.keys(compose.services)).toContain(other);
        for (const volume of service.volumes ?? []) {
          const [from = ''] = volume.split(':');
          if (!from.startsWith('./')) expect(Object.keys(compose.volumes)).toContain(from);
          else if (from !== './certificate.pem') expect(existsSync(join(deploy, name, from))).toBe(true);
        }
        if (service.image !== 'parley-relay') continue;
        const config = loadConfig({ flags: {}, env: service.environment ?? {}, file: null });
        expect([config.store !== null, config.bus.length]).toEqual(name === 'fleet' ? [true, 3] : [false, 0]);
      }
    }
  });
});

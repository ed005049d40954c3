/** The relay of `npm start`: started by the first run, stopped by the last, its last words shown when it fails. */
import { existsSync, mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive } from '../../../scripts/cache-lock.ts';
import { findPort, joinRelaySession } from '../../../scripts/relay-session.ts';

const answering = `require('node:http').createServer((_, response) => response.end()).listen(Number(process.argv[process.argv.indexOf('--port') + 1]));`;

function scene(relaySource: string) {
  const root = mkdtempSync(join(tmpdir(), 'parley-session-'));
  const entry = join(root, 'relay.cjs');
  writeFileSync(entry, relaySource);
  const builds: string[] = [];
  const beforeFirst = async () => void builds.push('built');
  const dataDir = join(root, 'data');
  return { builds, dataDir, options: { entry, dataDir, port: 0, beforeFirst, onWait: () => {} } };
}

test('the only run starts the relay and stops it', async () => {
  const { builds, options } = scene(answering);
  const session = await joinRelaySession(options);
  expect((await fetch(`http://127.0.0.1:${session.port}/healthz`)).ok).toBe(true);
  expect(session.reused).toBe(false);
  expect(await session.leave()).toBe(0);
  expect(isAlive(session.pid)).toBe(false);
  expect(builds).toEqual(['built']);
});

test('a run that finds others uses their relay and leaves it to them', async () => {
  const { builds, dataDir, options } = scene(answering);
  const first = await joinRelaySession(options);
  const other = join(`${dataDir}.session`, 'users', String(process.ppid));
  writeFileSync(other, '');
  const second = await joinRelaySession(options);
  expect(second).toMatchObject({ reused: true, port: first.port, pid: first.pid });
  expect(builds).toEqual(['built']);
  expect(await second.leave()).toBe(1);
  expect(isAlive(first.pid)).toBe(true);
  process.kill(first.pid);
});

test('marks of dead runs keep no relay alive', async () => {
  const { dataDir, options } = scene(answering);
  const dead = join(`${dataDir}.session`, 'users', String(2 ** 22 + 1));
  mkdirSync(join(dead, '..'), { recursive: true });
  writeFileSync(dead, '');
  const session = await joinRelaySession(options);
  expect(existsSync(dead)).toBe(false);
  expect(await session.leave()).toBe(0);
});

test('a relay that does not start is an error with its last words', async () => {
  const { options } = scene(`console.error('The data folder is not writable.'); process.exit(1);`);
  await expect(joinRelaySession(options)).rejects.toThrow(/ended at once[^]*not writable/);
});

test('a taken port is replaced by a free one', async () => {
  const server = createServer().listen(0);
  const { port } = server.address() as AddressInfo;
  expect(await findPort(port)).not.toBe(port);
  server.close();
  await new Promise((resolve) => server.once('close', resolve));
  expect(await findPort(port)).toBe(port);
});

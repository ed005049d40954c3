/** The relay's commands as an admin runs them: beside a running relay and without one, rightly and wrongly. */
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { helloFrame, openPlainClient, registerAt } from '../../support/plain-client.ts';
import { blobPairAt } from '../../support/relay-blob-people.ts';
import { makeBlob } from '../../support/relay-blobs.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';
import { runRelayCommand, type CommandOptions } from '../../support/run-relay-command.ts';
import { spawnRelay, startRelay, type SpawnedRelay, type TestRelay } from '../../support/start-relay.ts';
import { writeCertificate } from '../../support/tls-certificate.ts';

let folder: string;
let relay: TestRelay | SpawnedRelay | null = null;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await relay?.stop();
  relay = null;
  await removeFolder(folder);
});

const run = (args: string, options?: CommandOptions) =>
  runRelayCommand([...args.split(' '), '--data', folder], options);
const login = (address: string, username: string, password: string) =>
  fetch(`${address}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password, device: { name: 'Desk', platform: 'test' } }),
  });

describe('while a relay is running', () => {
  it('accounts can be added, listed, disabled, enabled and given a new password, and its sockets follow', async () => {
    relay = await startRelay({ dataDir: folder });
    const added = await run('user add Alice --display-name Alice --password-stdin', { input: 'a first password\n' });
    expect(added).toMatchObject({ code: 0, out: 'Added alice (Alice).\n' });
    const session = (await (await login(relay.address, 'alice', 'a first password')).json()) as { token: string };
    const client = openPlainClient(relay.address);
    client.send(helloFrame(session.token));
    await client.next('welcome');

    expect((await run('user disable alice')).code).toBe(0);
    expect((await client.closed).code).toBe(4403);
    expect((await login(relay.address, 'alice', 'a first password')).status).toBe(403);
    expect(JSON.parse((await run('user list --json')).out)).toMatchObject([{ username: 'alice', disabled: true }]);
    expect((await run('user enable alice')).code).toBe(0);

    const reset = await run('user reset-password alice --generate-password');
    const password = /Password: (\S+)/.exec(reset.out)?.[1] ?? '';
    expect((await login(relay.address, 'alice', 'a first password')).status).toBe(401);
    expect((await login(relay.address, 'alice', password)).status).toBe(201);
  });

  it('devices can be listed and logged out', async () => {
    relay = await startRelay({ dataDir: folder });
    const { token, device } = await registerAt(relay.address, 'alice');
    const client = openPlainClient(relay.address);
    client.send(helloFrame(token));
    await client.next('welcome');
    expect(JSON.parse((await run('device list alice --json')).out)).toMatchObject([{ id: device, name: 'Desk' }]);
    expect((await run(`device revoke ${device}`)).code).toBe(0);
    expect((await client.closed).code).toBe(4411);
    expect(await run(`device revoke ${device}`)).toMatchObject({ code: 1 });
  });

  it('a backup is written whole, once, and opens as a relay of its own', async () => {
    relay = await startRelay({ dataDir: folder });
    await registerAt(relay.address, 'alice');
    const other = join(folder, 'restored');
    const file = join(other, 'relay.db');
    expect((await run(`backup ${file}`)).err).toContain('There is no folder');
    mkdirSync(other);
    expect((await run(`backup ${file}`)).code).toBe(0);
    expect(statSync(file).mode & 0o077).toBe(0);
    const again = await run(`backup ${file}`);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('exists already')]);
    expect(JSON.parse((await runRelayCommand(['user', 'list', '--json', '--data', other])).out)).toMatchObject([
      { username: 'alice' },
    ]);
  });

  it('a second relay on the same data is refused in one line', async () => {
    relay = await startRelay({ dataDir: folder });
    const { code, err } = await run('serve --port 0');
    expect([code, err.trim().split('\n').length]).toEqual([1, 1]);
    expect(err).toContain('Another relay is running');
  });
});

describe('without a relay', () => {
  it('an invite made before the start lets exactly one person in', async () => {
    relay = await startRelay({ dataDir: folder });
    await relay.stop();
    const { code, out } = await run('invite create --json');
    expect(code).toBe(0);
    const invite = JSON.parse(out) as { code: string; label: string };
    expect(JSON.parse((await run('invite list --json')).out)).toMatchObject([
      { label: invite.label, uses: 0, maxUses: 1 },
    ]);
    expect((await run(`invite revoke ${invite.label}`)).code).toBe(0);
    expect(await run(`invite revoke ${invite.label}`)).toMatchObject({ code: 1 });
    expect((await run('invite list')).out).toContain('revoked');
  });

  it('a folder without data is not filled by a command that was given the wrong one', async () => {
    const { code, err } = await run('user list');
    expect([code, err]).toEqual([1, expect.stringContaining('There is no relay')]);
    expect(existsSync(join(folder, 'relay.db'))).toBe(false);
  });

  it('passwords come from nowhere but the terminal, standard input or the relay itself', async () => {
    relay = await startRelay({ dataDir: folder });
    expect(await run('user add alice')).toMatchObject({ code: 2, err: expect.stringContaining('--password-stdin') });
    expect(await run('user add alice --password secret123')).toMatchObject({
      code: 2,
      err: expect.stringContaining("'--password'"),
    });
    expect(await run('user add alice --password-stdin', { input: 'short\n' })).toMatchObject({ code: 2 });
    expect(await run('user add al --generate-password')).toMatchObject({
      code: 2,
      err: expect.stringContaining('username'),
    });
  });
});

describe('serve', () => {
  it('gives the admin an invite code at its first start, which is in no log line and works', async () => {
    relay = await spawnRelay({ dataDir: folder, args: ['--registration', 'invite'] });
    const { address, output } = relay as SpawnedRelay;
    await expect.poll(output, { timeout: 5_000 }).toMatch(/invite code/);
    const code = /\n {4}(\S+)\n/.exec(output())?.[1] ?? '';
    const body = {
      username: 'alice',
      displayName: 'Alice',
      password: 'long enough',
      invite: code,
      device: { name: 'Desk', platform: 'test' },
    };
    const answer = await fetch(`${address}/v1/accounts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(201);
    const jsonLines = output()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    expect(jsonLines.join('')).not.toContain(code);
  });

  it('stops in order at the first signal, with exit code 0', async () => {
    relay = await spawnRelay({ dataDir: folder });
    expect(await relay.stop()).toBe(0);
    expect((relay as SpawnedRelay).output()).toContain('relay.stopped');
  });

  it('comes back at the same address after kill -9, with everything it confirmed', async () => {
    const first = await spawnRelay({ dataDir: folder });
    const { token } = await registerAt(first.address, 'alice');
    await first.kill();
    expect((await run('user list')).out).toContain('alice');
    relay = await spawnRelay({ dataDir: folder, port: first.port });
    expect((await fetch(`${first.address}/v1/account`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      200,
    );
  });

  it('says in one line, with exit code 1, what keeps it from starting', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const first = writeCertificate(folder, 'first');
    const second = writeCertificate(folder, 'second');
    writeFileSync(join(folder, 'file'), '');
    const cases: [string[], string][] = [
      [['--port', String(port)], `Port ${port} on 127.0.0.1 is taken`],
      [['--port', '0', '--tls-cert', first.cert, '--tls-key', second.key], 'do not belong together'],
      [['--port', '0', '--tls-cert', join(folder, 'none.pem'), '--tls-key', second.key], 'there is no such file'],
      [['--port', '0', '--tls-cert', first.key, '--tls-key', second.key], 'not a certificate in PEM'],
      [['--port', '0', '--host', '192.0.2.77'], 'no address 192.0.2.77'],
      [['--port', '0', '--data', join(folder, 'file')], 'cannot be written'],
    ];
    for (const [flags, words] of cases) {
      const { code, err } = await runRelayCommand([
        'serve',
        '--host',
        '127.0.0.1',
        '--data',
        join(folder, 'd'),
        ...flags,
      ]);
      expect([code, err.trim().split('\n').length, err]).toEqual([1, 1, expect.stringContaining(words)]);
    }
    await new Promise((resolve) => taken.close(resolve));
  });

  it('says in one line, with exit code 2, which flag, variable or name is wrong and which was meant', async () => {
    const file = join(folder, 'parley.json');
    writeFileSync(file, '{ "heartbeatMS": 1000 }');
    const cases: [string[], Record<string, string>, string][] = [
      [['--prot', '80'], {}, "unknown option '--prot' Did you mean --port?"],
      [['--port', '70000'], {}, '--port: "70000" is not a whole number from 0 to 65535'],
      [['--registration', 'maybe'], {}, '--registration: "maybe" is not one of open, invite, closed'],
      [['--trusted-proxy', '10.0.0.0/99'], {}, '--trusted-proxy'],
      [['--tls-cert', 'a.pem'], {}, '--tls-cert needs --tls-key'],
      [['--dead-after-ms', '300', '--heartbeat-ms', '200'], {}, '--dead-after-ms'],
      [[], { PARLEY_HEARTBEATMS: '5' }, 'Did you mean PARLEY_HEARTBEAT_MS?'],
      [[], { PARLEY_PORT: 'x' }, 'PARLEY_PORT: "x"'],
      [['--config', file], {}, 'there is no setting "heartbeatMS". Did you mean "heartbeatMs"?'],
      [['--config', join(folder, 'none.json')], {}, 'there is no such file'],
    ];
    for (const [flags, env, words] of cases) {
      const { code, err } = await runRelayCommand(['serve', '--data', join(folder, 'd'), ...flags], { env });
      expect([code, err.trim().split('\n').length, err]).toEqual([2, 1, expect.stringContaining(words)]);
    }
  });

  it('serves over TLS and takes a renewed certificate without a restart', async () => {
    const files = writeCertificate(folder, 'first');
    relay = await startRelay({ dataDir: folder, config: { tlsCert: files.cert, tlsKey: files.key } });
    expect(relay.address).toMatch(/^https:/);
    const before = await fingerprint(relay.port);
    const second = writeCertificate(folder, 'second');
    copyFileSync(second.cert, files.cert);
    expect(() => (relay as TestRelay).renewTls()).toThrow(/do not belong together/);
    expect(await fingerprint(relay.port)).toBe(before);
    copyFileSync(second.key, files.key);
    (relay as TestRelay).renewTls();
    expect(await fingerprint(relay.port)).not.toBe(before);
  });
});

describe('doctor', () => {
  it('finds nothing wrong with a running relay and says so line by line', async () => {
    relay = await startRelay({ dataDir: folder });
    const { code, out } = await run(`doctor --host 127.0.0.1 --port ${relay.port}`);
    expect(out).not.toMatch(/^fail/m);
    for (const check of [
      'node',
      'data directory',
      'permissions',
      'disk',
      'schema',
      'integrity',
      'files',
      'clock',
      'port',
      'tls',
      'open files',
    ]) {
      expect(out).toMatch(new RegExp(`^(ok|warn) +${check} `, 'm'));
    }
    expect(out).toContain('the relay of this data runs at');
    expect(code).toBe(0);
    expect(out).not.toContain('last check');
    await relay.embedded?.checkIntegrity();
    expect((await run('doctor --port 0')).out).toMatch(/^ok +last check +looked through by the relay at .*: whole$/m);
  });

  it('names what is broken and what to do, with exit code 1', async () => {
    relay = await startRelay({ dataDir: folder });
    await relay.stop();
    writeFileSync(join(folder, 'relay.db'), 'x'.repeat(8_192));
    const files = writeCertificate(folder, 'first');
    const { key } = writeCertificate(folder, 'second');
    const { code, out } = await run(`doctor --host 127.0.0.1 --port 0 --tls-cert ${files.cert} --tls-key ${key}`);
    expect(out).toMatch(/^fail +(schema|database) /m);
    expect(out).toMatch(/^fail +tls .*do not belong together/m);
    expect(out).toContain('→ ');
    expect(code).toBe(1);
  });

  it('says which files are missing after a restore without them, and which are there for nobody', async () => {
    relay = await startRelay({ dataDir: folder });
    const { alice } = await blobPairAt(relay.address);
    const [lost, kept] = [makeBlob(1_016), makeBlob(2_016)];
    await alice.upload(lost);
    await alice.upload(kept);
    await relay.stop();
    relay = null;
    const fileOf = (id: string) => join(folder, 'blobs', id.slice(0, 2), id);
    const spare = makeBlob(3_016);
    mkdirSync(join(folder, 'blobs', spare.id.slice(0, 2)), { recursive: true });
    renameSync(fileOf(lost.id), fileOf(spare.id));
    const found = (await run('doctor --host 127.0.0.1 --port 0')).out;
    expect(found).toMatch(/^ok +files +2 of people/m);
    expect(found).toMatch(/^warn +missing files +1 that conversations hold/m);
    expect(found).toMatch(/^warn +spare files +1 that no conversation holds/m);

    renameSync(fileOf(spare.id), fileOf(lost.id));
    const whole = (await run('doctor --host 127.0.0.1 --port 0')).out;
    expect(whole).toMatch(/^ok +files +2 of people/m);
    expect(whole).not.toMatch(/missing files|spare files/);
  });
});

describe('help', () => {
  it('shows every command with examples, and ends with 0', async () => {
    const { code, out } = await runRelayCommand(['--help']);
    expect(code).toBe(0);
    for (const word of ['serve', 'user', 'invite', 'device', 'backup', 'verify', 'doctor', 'parley-relay serve --help'])
      expect(out).toContain(word);
    expect((await runRelayCommand([])).code).toBe(2);
    expect((await runRelayCommand(['sevre'])).err).toContain('Did you mean serve?');
  });
});

async function fingerprint(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

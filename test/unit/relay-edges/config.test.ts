/** The configuration from flags, environment and file. */
import { describe, expect, it } from 'vitest';
import { createAddressMatcher } from '../../../signaling-server/config/address-range.ts';
import { describeEngineUrl } from '../../../signaling-server/config/engine-url.ts';
import { loadConfig } from '../../../signaling-server/config/load-config.ts';
import { nearestWord } from '../../../signaling-server/config/nearest-word.ts';
import { relaySettingsOf } from '../../../signaling-server/config/relay-settings.ts';
import { describeDefault, settingNames } from '../../../signaling-server/config/settings-table.ts';
import { judgeDiskSpace } from '../../../signaling-server/observe/disk-space.ts';
import { loadTlsFiles } from '../../../signaling-server/http/tls-files.ts';
import { defaultRelaySettings } from '../../../signaling-server/relay/settings.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';
import { writeCertificate } from '../../support/tls-certificate.ts';

const none = { flags: {}, env: {}, file: null };

describe('the configuration', () => {
  it('takes a flag over the environment, the environment over the file, the file over the default', () => {
    const file = { path: 'parley.json', values: { port: 1, name: 'file', directory: false } };
    const env = { PARLEY_PORT: '2', PARLEY_NAME: 'env', OTHER: 'x' };
    const config = loadConfig({ flags: { port: '3' }, env, file });
    expect([config.port, config.name, config.directory, config.registration]).toEqual([3, 'env', false, 'invite']);
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(loadConfig(none))).toBe(true);
  });

  it('has a default for every setting that its own schema takes', () => {
    const flags = Object.fromEntries(
      settingNames.filter((name) => describeDefault(name) !== 'not set').map((name) => [name, describeDefault(name)]),
    );
    expect(loadConfig({ ...none, flags })).toEqual(loadConfig(none));
  });

  it('hands the sockets exactly the settings that they depend on', () => {
    const settings = relaySettingsOf(loadConfig({ ...none, flags: { heartbeatMs: '500', name: 'Ours' } }), '1.0.0');
    expect(settings).toEqual({ ...defaultRelaySettings, heartbeatMs: 500, name: 'Ours', version: '1.0.0' });
  });

  it('reads lists from flags and JSON alike, and switches in any of their words', () => {
    const fromFlag = loadConfig({ ...none, flags: { trustedProxy: 'loopback, 10.0.0.0/8', directory: 'OFF' } });
    const fromFile = loadConfig({
      ...none,
      file: { path: 'f', values: { trustedProxy: ['loopback', '10.0.0.0/8'], directory: false } },
    });
    expect(fromFlag).toEqual(fromFile);
  });

  it('reads sizes as people write them, and refuses what is none', () => {
    const sizeOf = (maxFileBytes: string) => loadConfig({ ...none, flags: { maxFileBytes } }).maxFileBytes;
    expect(['2GiB', '500MB', '1.5 MiB', '0', '123456'].map(sizeOf)).toEqual([2 ** 31, 5e8, 1_572_864, 0, 123_456]);
    for (const wrong of ['much', '5 apples', '-1', '', '65GiB'])
      expect(() => sizeOf(wrong)).toThrow('--max-file-bytes');
  });

  it('takes TURN servers only with their secret, and never says the secret', () => {
    const turnUrls = 'turn:turn.example.org:3478,turns:turn.example.org:5349?transport=tcp';
    const config = loadConfig({ ...none, flags: { turnUrls }, env: { PARLEY_TURN_SECRET: 'north' } });
    expect([config.turnUrls, config.turnSecret]).toEqual([turnUrls.split(','), 'north']);
    expect(() => loadConfig({ ...none, flags: { turnUrls } })).toThrow('--turn-urls needs --turn-secret too');
    expect(() => loadConfig({ ...none, flags: { direct: 'turn' } })).toThrow('--direct turn needs --turn-urls too');
    expect(() => loadConfig({ ...none, flags: { turnUrls: 'https://turn.example.org' } })).toThrow('--turn-urls');
    const tooLong = 'north'.repeat(200);
    const refusal = () => loadConfig({ ...none, env: { PARLEY_TURN_SECRET: tooLong } });
    expect(refusal).toThrow('PARLEY_TURN_SECRET: the value');
    expect(refusal).not.toThrow('north');
  });

  it('takes a fleet’s engines by their addresses, and keys by the names that other programs use', () => {
    const env = {
      PARLEY_STORE: 'postgres://parley:north@db.example.org/parley',
      PARLEY_BUS: 'nats://a:4222,b:4222',
      PARLEY_BLOBS: 's3://files/parley?region=eu-central-1',
      AWS_ACCESS_KEY_ID: 'theirs',
      AWS_SECRET_ACCESS_KEY: 'south',
      PARLEY_S3_ACCESS_KEY: 'ours',
    };
    const config = loadConfig({ ...none, env });
    expect([config.store, config.bus, config.blobs]).toEqual([
      env.PARLEY_STORE,
      ['nats://a:4222', 'b:4222'],
      env.PARLEY_BLOBS,
    ]);
    expect([config.s3AccessKey, config.s3SecretKey, config.s3SessionToken]).toEqual(['ours', 'south', null]);
    const alone = loadConfig({ ...none, env: { AWS_ACCESS_KEY_ID: 'theirs' } });
    expect([alone.store, alone.bus, alone.blobs]).toEqual([null, [], null]);
  });

  it('refuses engines that do not fit together, and never says the secrets in their addresses', () => {
    const store = 'postgres://parley:north@db.example.org/parley';
    const refusalOf = (flags: Record<string, string>) => () => loadConfig({ ...none, flags });
    expect(refusalOf({ bus: 'nats://a' })).toThrow('--bus needs --store too');
    expect(refusalOf({ blobs: 's3://files' })).toThrow('--blobs needs --s3-access-key and --s3-secret-key too');
    expect(refusalOf({ store, natsCreds: 'a.creds' })).toThrow('--nats-creds needs --bus too');
    expect(refusalOf({ mediaDirectUrls: 'on' })).toThrow('--media-direct-urls needs --blobs too');
    const wrongs: Record<string, string>[] = [
      { store: 'mysql://parley:north@db' },
      { store: 'north' },
      { store, bus: 'http://u:north@a' },
    ];
    for (const wrong of wrongs) {
      expect(refusalOf(wrong)).toThrow('is not an address of the form');
      expect(refusalOf(wrong)).not.toThrow('north');
    }
  });

  it('moves old messages elsewhere only with a key, and for a fleet only to where all nodes reach', () => {
    const coldKey = 'ab'.repeat(32);
    const refusalOf = (flags: Record<string, string>) => () => loadConfig({ ...none, flags });
    expect(loadConfig({ ...none, flags: { coldAfterDays: '30', coldKey } }).coldAfterDays).toBe(30);
    expect(refusalOf({ coldAfterDays: '30' })).toThrow('need --cold-key too');
    expect(refusalOf({ coldAfterDays: '3', coldKey })).toThrow('is less than 7');
    expect(refusalOf({ coldKey: 'north' })).toThrow('--cold-key: the value is not a key of 32 bytes');
    expect(refusalOf({ coldKey, store: 'postgres://db/parley', cold: '/srv/cold' })).toThrow('needs an object store');
    expect(refusalOf({ coldKey, cold: 's3://old' })).toThrow('--cold needs --s3-access-key');
  });

  it('shows of an engine’s address neither user nor password nor parameters', () => {
    expect(describeEngineUrl('postgres://parley:north@db:5432/parley?sslpassword=south')).toBe(
      'postgres://db:5432/parley',
    );
    expect(describeEngineUrl('token@b:4222')).toBe('nats://b:4222');
  });

  it('ignores variables of other programs and refuses slips', () => {
    expect(() =>
      loadConfig({ ...none, env: { PARLEY_RELAY_SUGGESTION: 'x', PARLEY_PROFILES_DIR: 'y', PARLEY_CONFIG: 'z' } }),
    ).not.toThrow();
    expect(() => loadConfig({ ...none, env: { PARLEY_CACHE_DIR: 'x', PARLEY_DATA_DIR: 'y' } })).not.toThrow();
    expect(() => loadConfig({ ...none, env: { PARLEY_REGISTRTION: 'open' } })).toThrow('PARLEY_REGISTRATION');
    expect(() => loadConfig({ ...none, file: { path: 'f', values: [] } })).toThrow('not a JSON object');
  });
});

describe('the nearest word', () => {
  it('is found for slips and not for other words', () => {
    const words = ['port', 'host', 'heartbeatMs'];
    expect([nearestWord('prot', words), nearestWord('heartbeat', words), nearestWord('elephant', words)]).toEqual([
      'port',
      'heartbeatMs',
      null,
    ]);
  });
});

describe('an address range', () => {
  it('holds exactly its addresses', () => {
    const inside = createAddressMatcher(['loopback', '10.1.0.0/16', 'fd00::/8', '192.0.2.5']);
    for (const address of ['127.9.9.9', '::1', '10.1.255.1', 'fd12::1', '192.0.2.5'])
      expect(inside(address)).toBe(true);
    for (const address of ['10.2.0.1', 'fe80::1', '192.0.2.6', 'unknown', '']) expect(inside(address)).toBe(false);
  });
});

describe('disk space', () => {
  it('is low below 1 GiB or 5 %, and too little below 64 MiB', () => {
    const gibibyte = 1024 ** 3;
    expect(judgeDiskSpace(50 * gibibyte, 500 * gibibyte).state).toBe('ok');
    expect(judgeDiskSpace(20 * gibibyte, 500 * gibibyte).state).toBe('low');
    expect(judgeDiskSpace(gibibyte / 2, 4 * gibibyte).state).toBe('low');
    expect(judgeDiskSpace(63 * 1024 ** 2, 4 * gibibyte).state).toBe('full');
  });
});

describe('a certificate', () => {
  it('is refused when it has expired or is not valid yet', async () => {
    const folder = await temporaryFolder();
    const files = writeCertificate(folder);
    expect(loadTlsFiles(files, Date.UTC(2030, 0)).cert).toContain('BEGIN CERTIFICATE');
    expect(() => loadTlsFiles(files, Date.UTC(2200, 0))).toThrow(/expired on 2126-/);
    expect(() => loadTlsFiles(files, Date.UTC(2000, 0))).toThrow(/valid only from 2026-/);
    await removeFolder(folder);
  });
});

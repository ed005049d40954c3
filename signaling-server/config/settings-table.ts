/** Every setting of the relay, once: flags, environment, file, help and the page for admins are made from this table. */
import { z } from 'zod';
import { limits } from '../../protocol/index.ts';
import { defaultRelaySettings as relay } from '../relay/settings.ts';
import { addressRangeSchema } from './address-range.ts';
import { fleetSettings } from './fleet-settings.ts';
import { iceUrlSchema } from './ice-url.ts';
import { byteSize, describeSize, list, oneOf, onOff, text, wholeNumber } from './value-kinds.ts';

export const settingGroups = ['Serving', 'People', 'Observing', 'Sockets', 'Limits', 'Media', 'Fleet'] as const;

export interface Setting {
  readonly group: (typeof settingGroups)[number];
  readonly schema: z.ZodType;
  /** Null: not set. */
  readonly default: string | number | boolean | readonly string[] | null;
  /** What stands for the value in the help. */
  readonly value: string;
  /** Variables by which other programs know it; the relay's own name wins. */
  readonly variables?: readonly string[];
  readonly help: string;
}

const day = 86_400_000;
const atMost = 1_000_000_000;

/** The key is the setting's name in the file; `heartbeatMs` is `--heartbeat-ms` and `PARLEY_HEARTBEAT_MS`. */
export const settingsTable = {
  data: {
    group: 'Serving',
    schema: text(4_000),
    default: 'parley-data',
    value: 'DIR',
    help: 'Folder of the database and of files; made when missing.',
  },
  host: {
    group: 'Serving',
    schema: text(255),
    default: '0.0.0.0',
    value: 'ADDRESS',
    help: 'Address to listen on; 127.0.0.1 for this machine only, :: for IPv4 and IPv6.',
  },
  port: {
    group: 'Serving',
    schema: wholeNumber(0, 65_535),
    default: 8080,
    value: 'PORT',
    help: 'Port to listen on; 0 for any free one.',
  },
  name: {
    group: 'Serving',
    schema: text(200),
    default: 'Parley',
    value: 'TEXT',
    help: 'Name that people see on the welcome screen.',
  },
  tlsCert: {
    group: 'Serving',
    schema: text(4_000),
    default: null,
    value: 'FILE',
    help: 'TLS certificate chain (PEM); needs --tls-key. Read again on SIGHUP.',
  },
  tlsKey: {
    group: 'Serving',
    schema: text(4_000),
    default: null,
    value: 'FILE',
    help: "The certificate's private key (PEM).",
  },
  trustedProxy: {
    group: 'Serving',
    schema: list(addressRangeSchema),
    default: [],
    value: 'RANGES',
    help: 'Reverse proxies whose X-Forwarded-For is believed, such as loopback or 10.0.0.0/8.',
  },
  stopTimeoutMs: {
    group: 'Serving',
    schema: wholeNumber(0, day),
    default: 10_000,
    value: 'MS',
    help: 'How long a stopping relay waits for its sockets, and for files on their way.',
  },
  registration: {
    group: 'People',
    schema: oneOf(['open', 'invite', 'closed']),
    default: 'invite',
    value: 'open|invite|closed',
    help: 'Who may make an account: anybody, people with an invite code, or nobody but the admin.',
  },
  directory: {
    group: 'People',
    schema: onOff(),
    default: true,
    value: 'on|off',
    help: 'Whether people can search for others by the beginning of a name.',
  },
  logLevel: {
    group: 'Observing',
    schema: oneOf(['debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    value: 'LEVEL',
    help: 'Least important events to log: debug, info, warn, error or silent.',
  },
  logFormat: {
    group: 'Observing',
    schema: oneOf(['json', 'pretty']),
    default: 'json',
    value: 'json|pretty',
    help: 'JSON lines for machines, or lines for people.',
  },
  metricsToken: {
    group: 'Observing',
    schema: text(256),
    default: null,
    value: 'TOKEN',
    help: 'Bearer token that opens /metrics to other machines; better set in the environment or file.',
  },
  heartbeatMs: {
    group: 'Sockets',
    schema: wholeNumber(100, day),
    default: relay.heartbeatMs,
    value: 'MS',
    help: 'Silence after which either side sends a ping.',
  },
  deadAfterMs: {
    group: 'Sockets',
    schema: wholeNumber(200, day),
    default: relay.deadAfterMs,
    value: 'MS',
    help: 'Silence after which a link is given up; more than twice --heartbeat-ms.',
  },
  helloTimeoutMs: {
    group: 'Sockets',
    schema: wholeNumber(100, day),
    default: relay.helloTimeoutMs,
    value: 'MS',
    help: 'Time a new socket has to say hello.',
  },
  maxConnections: {
    group: 'Sockets',
    schema: wholeNumber(1, atMost),
    default: relay.maxConnections,
    value: 'N',
    help: 'Connections in all.',
  },
  maxConnectionsPerAddress: {
    group: 'Sockets',
    schema: wholeNumber(1, atMost),
    default: relay.maxConnectionsPerAddress,
    value: 'N',
    help: 'Connections from one address (IPv6: one /64).',
  },
  maxGreetingsPerAddress: {
    group: 'Sockets',
    schema: wholeNumber(1, atMost),
    default: relay.maxGreetingsPerAddress,
    value: 'N',
    help: 'Sockets of one address that have not said hello yet.',
  },
  maxDevicesPerUser: {
    group: 'Sockets',
    schema: wholeNumber(1, 10_000),
    default: relay.maxDevicesPerUser,
    value: 'N',
    help: 'Devices that a user can be logged in on.',
  },
  maxBufferedBytes: {
    group: 'Sockets',
    schema: wholeNumber(65_536, atMost),
    default: relay.maxBufferedBytes,
    value: 'BYTES',
    help: 'Bytes waiting in one socket before it is fed from the database instead of memory.',
  },
  stalledAfterMs: {
    group: 'Sockets',
    schema: wholeNumber(100, day),
    default: relay.stalledAfterMs,
    value: 'MS',
    help: 'Time after which a full socket that takes nothing is closed.',
  },
  sendsPerSecond: {
    group: 'Limits',
    schema: wholeNumber(1, atMost),
    default: relay.sendsPerSecond,
    value: 'N',
    help: 'Messages a user may send a second, steadily.',
  },
  sendBurst: {
    group: 'Limits',
    schema: wholeNumber(1, atMost),
    default: relay.sendBurst,
    value: 'N',
    help: 'Messages a user may send at once after a pause.',
  },
  framesPerSecond: {
    group: 'Limits',
    schema: wholeNumber(1, atMost),
    default: relay.framesPerSecond,
    value: 'N',
    help: 'Frames of any kind a device may send a second, steadily.',
  },
  frameBurst: {
    group: 'Limits',
    schema: wholeNumber(1, atMost),
    default: relay.frameBurst,
    value: 'N',
    help: 'Frames a device may send at once after a pause.',
  },
  requestsPerMinute: {
    group: 'Limits',
    schema: wholeNumber(0, atMost),
    default: 6_000,
    value: 'N',
    help: 'HTTP requests of one address a minute; 0 for no limit.',
  },
  loginsPerMinute: {
    group: 'Limits',
    schema: wholeNumber(0, atMost),
    default: 20,
    value: 'N',
    help: 'Tries to log in of one address a minute; 0 for no limit.',
  },
  loginFailuresPerHour: {
    group: 'Limits',
    schema: wholeNumber(0, atMost),
    default: 20,
    value: 'N',
    help: 'Wrong passwords in a row for one username from one address an hour, ten times as many from all; 0 for no limit.',
  },
  registrationsPerHour: {
    group: 'Limits',
    schema: wholeNumber(0, atMost),
    default: 20,
    value: 'N',
    help: 'New accounts of one address an hour; 0 for no limit.',
  },
  lookupsPerMinute: {
    group: 'Limits',
    schema: wholeNumber(0, atMost),
    default: 120,
    value: 'N',
    help: 'Searches and look-ups of people by one user a minute; 0 for no limit.',
  },
  passwordQueue: {
    group: 'Limits',
    schema: wholeNumber(1, 10_000),
    default: 200,
    value: 'N',
    help: 'Password checks that may wait for their turn before more are refused.',
  },
  uploadsPerMinute: {
    group: 'Limits',
    schema: wholeNumber(0, atMost),
    default: 300,
    value: 'N',
    help: 'Files one user may begin to upload or share a minute; 0 for no limit.',
  },
  transfersPerUser: {
    group: 'Limits',
    schema: wholeNumber(1, atMost),
    default: 64,
    value: 'N',
    help: 'Uploads and downloads that one user may have under way at once.',
  },
  maxFileBytes: {
    group: 'Media',
    schema: byteSize(0, limits.fileBytes),
    default: 2 * 1024 ** 3,
    value: 'SIZE',
    help: 'Largest file the relay takes, such as 500MB or 2GiB; 0 for none.',
  },
  userQuotaBytes: {
    group: 'Media',
    schema: byteSize(0, Number.MAX_SAFE_INTEGER),
    default: 0,
    value: 'SIZE',
    help: 'Files that one user may keep here, in all; 0 for no limit.',
  },
  mediaCapBytes: {
    group: 'Media',
    schema: byteSize(0, Number.MAX_SAFE_INTEGER),
    default: 0,
    value: 'SIZE',
    help: 'Files of all users together; 0 for as much as the disk holds.',
  },
  mediaReserveBytes: {
    group: 'Media',
    schema: byteSize(0, Number.MAX_SAFE_INTEGER),
    default: 512 * 1024 ** 2,
    value: 'SIZE',
    help: 'Room on the disk that files leave free for the database.',
  },
  mediaKeepDays: {
    group: 'Media',
    schema: wholeNumber(0, 100_000),
    default: 0,
    value: 'DAYS',
    help: 'Days after which a file is removed from the relay; 0 to keep it.',
  },
  uploadKeepHours: {
    group: 'Media',
    schema: wholeNumber(1, 100_000),
    default: 24,
    value: 'HOURS',
    help: 'Hours that a half upload is kept for its sender to go on.',
  },
  direct: {
    group: 'Media',
    schema: oneOf(['on', 'turn', 'off']),
    default: 'on',
    value: 'on|turn|off',
    help: 'Whether devices connect to one another: freely, through the TURN servers alone (which hides their addresses), or not.',
  },
  stunUrls: {
    group: 'Media',
    schema: list(iceUrlSchema('stun')).pipe(z.array(z.string()).max(8, 'are more than 8')),
    default: [],
    value: 'URLS',
    help: 'STUN servers by which devices behind routers find each other, such as stun:turn.example.org:3478.',
  },
  turnUrls: {
    group: 'Media',
    schema: list(iceUrlSchema('turn')).pipe(z.array(z.string()).max(8, 'are more than 8')),
    default: [],
    value: 'URLS',
    help: 'TURN servers that pass on what cannot go directly, such as turns:turn.example.org:5349; needs --turn-secret.',
  },
  turnSecret: {
    group: 'Media',
    schema: text(512),
    default: null,
    value: 'SECRET',
    help: "The TURN servers' static-auth-secret; better set in the environment or file.",
  },
  turnTtlSeconds: {
    group: 'Media',
    schema: wholeNumber(60, 30 * 86_400),
    default: 86_400,
    value: 'SECONDS',
    help: 'How long the TURN credentials given to a device are good for.',
  },
  ...fleetSettings,
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settingsTable;

type ValueOf<N extends SettingName> =
  z.output<(typeof settingsTable)[N]['schema']> | ((typeof settingsTable)[N]['default'] extends null ? null : never);

/** All settings with their values: what flags, environment and file say, and the defaults. */
export type Config = { readonly [N in SettingName]: ValueOf<N> };

export const settingNames = Object.keys(settingsTable) as SettingName[];

const snake = (name: string, joint: string) => name.replace(/[A-Z]/g, (letter) => joint + letter.toLowerCase());

/** `heartbeatMs` → `--heartbeat-ms`. */
export function flagOf(name: SettingName): string {
  return `--${snake(name, '-')}`;
}

/** `heartbeatMs` → `PARLEY_HEARTBEAT_MS`. */
export function variableOf(name: SettingName): string {
  return `PARLEY_${snake(name, '_').toUpperCase()}`;
}

/** The default as a person would write it: `off`, `12000`, `not set`. */
export function describeDefault(name: SettingName): string {
  const { default: value, value: kind }: Setting = settingsTable[name];
  if (kind === 'SIZE' && typeof value === 'number') return describeSize(value);
  if (value === null || (Array.isArray(value) && value.length === 0)) return 'not set';
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}

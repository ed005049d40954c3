/** Makes the relay's configuration from flags, environment and file, in that order of precedence, over the defaults. */
import { ParleyError } from '../../protocol/index.ts';
import { engineUrlSchema, isObjectStore } from './engine-url.ts';
import { nearestWord } from './nearest-word.ts';
import {
  flagOf,
  settingNames,
  settingsTable,
  variableOf,
  type Config,
  type Setting,
  type SettingName,
} from './settings-table.ts';

export interface ConfigSources {
  /** By the setting's name (`heartbeatMs`), as typed. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The content of `--config`, parsed, and its name for messages. */
  readonly file: { readonly path: string; readonly values: unknown } | null;
}

/** Names the file of `--config`. */
export const configVariable = 'PARLEY_CONFIG';

/** What stands for values in the help that are never printed. */
const secretKinds: ReadonlySet<string> = new Set(['SECRET', 'TOKEN', 'KEY', 'URL', 'SERVERS']);

/** A value, and what a person called it. */
interface Given {
  readonly value: unknown;
  readonly called: string;
}

/** @throws ParleyError `bad_request` with one line that names the setting at fault, and the right one for a slip. */
export function loadConfig(sources: ConfigSources): Config {
  const file = readFileValues(sources.file);
  assertNoSlips(sources.env);
  const entries = settingNames.map((name) => [name, readSetting(name, givenFor(name, sources, file))] as const);
  const config = Object.freeze(Object.fromEntries(entries)) as unknown as Config;
  assertFits(config);
  return config;
}

function givenFor(
  name: SettingName,
  { flags, env, file }: ConfigSources,
  values: Record<string, unknown>,
): Given | null {
  if (flags[name] !== undefined) return { value: flags[name], called: flagOf(name) };
  const setting: Setting = settingsTable[name];
  const variable = [variableOf(name), ...(setting.variables ?? [])].find((each) => (env[each] ?? '') !== '');
  if (variable !== undefined) return { value: env[variable], called: variable };
  if (values[name] !== undefined) return { value: values[name], called: `"${name}" in ${file?.path ?? 'the file'}` };
  return null;
}

function readSetting(name: SettingName, given: Given | null): unknown {
  const setting: Setting = settingsTable[name];
  if (given === null || (given.value === null && setting.default === null)) return setting.default;
  const parsed = setting.schema.safeParse(given.value);
  if (parsed.success) return parsed.data;
  const why = parsed.error.issues[0]?.message ?? 'is not valid';
  const shown = secretKinds.has(setting.value) ? 'the value' : JSON.stringify(given.value);
  throw refuse(`${given.called}: ${shown} ${why}.`);
}

function readFileValues(file: ConfigSources['file']): Record<string, unknown> {
  if (file === null) return {};
  if (typeof file.values !== 'object' || file.values === null || Array.isArray(file.values)) {
    throw refuse(`${file.path} is not a JSON object of settings, such as { "port": 8080 }.`);
  }
  for (const key of Object.keys(file.values)) {
    if (!Object.hasOwn(settingsTable, key))
      throw refuse(`${file.path}: there is no setting "${key}".${hint(key, settingNames)}`);
  }
  return { ...file.values };
}

/** Other programs may share the prefix, so only names that look like a slip of a setting's are refused. */
function assertNoSlips(env: ConfigSources['env']): void {
  const variables = [...settingNames.map(variableOf), configVariable];
  for (const key of Object.keys(env)) {
    if (!key.startsWith('PARLEY_') || variables.includes(key) || env[key] === undefined) continue;
    const meant = nearestWord(key, variables);
    if (meant !== null) throw refuse(`There is no setting ${key}. Did you mean ${meant}?`);
  }
}

function assertFits(config: Config): void {
  if ((config.tlsCert === null) !== (config.tlsKey === null)) {
    const [given, missing] =
      config.tlsCert === null ? (['tlsKey', 'tlsCert'] as const) : (['tlsCert', 'tlsKey'] as const);
    throw refuse(`${flagOf(given)} needs ${flagOf(missing)} too.`);
  }
  assertTurnFits(config);
  assertFleetFits(config);
  assertColdFits(config);
  if (config.deadAfterMs <= config.heartbeatMs * 2) {
    throw refuse(
      `--dead-after-ms (${config.deadAfterMs}) must be more than twice --heartbeat-ms (${config.heartbeatMs}), or living links are cut.`,
    );
  }
}

function assertTurnFits({ turnUrls, turnSecret, direct }: Config): void {
  if (turnUrls.length > 0 && turnSecret === null)
    throw refuse(`${flagOf('turnUrls')} needs ${flagOf('turnSecret')} too.`);
  if (direct === 'turn' && turnUrls.length === 0)
    throw refuse(`${flagOf('direct')} turn needs ${flagOf('turnUrls')} too.`);
}

function assertFleetFits(config: Config): void {
  const { store, bus, blobs, natsCreds, natsCa, s3AccessKey, s3SecretKey, mediaDirectUrls } = config;
  if (bus.length > 0 && store === null)
    throw refuse(`${flagOf('bus')} needs ${flagOf('store')} too: nodes that share no database have nothing to tell.`);
  if (natsCreds !== null && bus.length === 0) throw refuse(`${flagOf('natsCreds')} needs ${flagOf('bus')} too.`);
  if (natsCa !== null && bus.length === 0) throw refuse(`${flagOf('natsCa')} needs ${flagOf('bus')} too.`);
  if (mediaDirectUrls && blobs === null) throw refuse(`${flagOf('mediaDirectUrls')} needs ${flagOf('blobs')} too.`);
  const bucket = blobs !== null ? 'blobs' : isObjectStore(config.cold) ? 'cold' : null;
  if (bucket !== null && (s3AccessKey === null || s3SecretKey === null))
    throw refuse(`${flagOf(bucket)} needs ${flagOf('s3AccessKey')} and ${flagOf('s3SecretKey')} too.`);
}

function assertColdFits({ store, blobs, cold, coldAfterDays, coldKey, coldOldKeys }: Config): void {
  if (coldKey === null && (coldAfterDays > 0 || cold !== null || coldOldKeys.length > 0))
    throw refuse(
      `${flagOf('coldAfterDays')}, ${flagOf('cold')} and ${flagOf('coldOldKeys')} need ${flagOf('coldKey')} too.`,
    );
  const place = cold ?? blobs;
  if (coldKey !== null && store !== null && !isObjectStore(place))
    throw refuse(
      `${flagOf('coldKey')} with ${flagOf('store')} needs an object store that all nodes reach: ${flagOf('cold')} s3://… or ${flagOf('blobs')}.`,
    );
  if (isObjectStore(cold) && !engineUrlSchema('blobs').safeParse(cold).success)
    throw refuse(`${flagOf('cold')}: the value is not an address of the form s3://bucket/prefix?region=eu-central-1.`);
}

function hint(typed: string, words: readonly string[]): string {
  const meant = nearestWord(typed, words);
  return meant === null ? '' : ` Did you mean "${meant}"?`;
}

function refuse(message: string): ParleyError {
  return new ParleyError('bad_request', { message });
}

/** Picks out of the configuration what sockets and acts depend on. */
import { defaultRelaySettings, type RelaySettings } from '../relay/settings.ts';
import type { Config } from './settings-table.ts';

/** Every name of `RelaySettings` but the version is a setting, so a new one cannot be forgotten in the table. */
type SharedName = Exclude<keyof RelaySettings, 'version'>;

export function relaySettingsOf(config: Config, version: string): RelaySettings {
  const names: readonly SharedName[] = [
    'name',
    ...(Object.keys(defaultRelaySettings) as (keyof typeof defaultRelaySettings)[]),
  ];
  const picked = Object.fromEntries(names.map((name) => [name, config[name] satisfies string | number]));
  return Object.freeze({ ...(picked as unknown as Omit<RelaySettings, 'version'>), version });
}

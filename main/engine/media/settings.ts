/** The person's rules for files, kept with the account's history. */
import { defaultMediaSettings, mediaSettingsSchema, type MediaSettings } from '../../../bridge/media-views.ts';
import type { MediaItem } from '../../../protocol/index.ts';
import type { StateTable } from '../storage/state-table.ts';

const name = 'media-settings';

export interface MediaSettingsKeeper {
  get(): MediaSettings;
  set(changes: Partial<MediaSettings>): MediaSettings;
}

export function createMediaSettings(state: StateTable): MediaSettingsKeeper {
  let current = state.get(name, mediaSettingsSchema) ?? defaultMediaSettings;
  return {
    get: () => current,
    set(changes) {
      const next = { ...current, ...changes };
      state.set(name, next);
      current = next;
      return next;
    },
  };
}

/** Whether a file is fetched without asking. An empty one is like any other: 0 says never. */
export function isFetchedBy(
  { autoDownload }: MediaSettings,
  { kind, bytes }: Pick<MediaItem, 'kind' | 'bytes'>,
): boolean {
  const limit = autoDownload[kind];
  return limit > 0 && bytes <= limit;
}

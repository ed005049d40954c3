/** The settings of this computer and profile, kept in one JSON file. */
import { readFileSync, renameSync } from 'node:fs';
import { ParleyError } from '../protocol/index.ts';
import { defaultSettings, settingsSchema, type Settings } from '../bridge/shell-contract.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { describeError, type Log } from './log.ts';

export interface SettingsStore {
  get(): Settings;
  /** Stores the changes before it returns. @throws ParleyError `storage_failed` when the file can't be written. */
  set(changes: Partial<Settings>): Settings;
  /** @returns takes the listener away again. */
  onChange(listener: (settings: Settings) => void): () => void;
}

/** Names that this version does not know stay in the file: a newer version may have written them. */
export function createSettingsStore(file: string, log: Log): SettingsStore {
  const listeners = new Set<(settings: Settings) => void>();
  const stored = loadObject(file, log);
  let settings = parseSettings(stored);

  return {
    get: () => settings,
    set(changes) {
      const next = settingsSchema.parse({ ...settings, ...withoutUndefined(changes) });
      save(file, { ...stored, ...next });
      settings = next;
      for (const listener of listeners) listener(next);
      return next;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Takes each setting that is valid by itself; the others get their default. */
export function parseSettings(stored: Readonly<Record<string, unknown>>): Settings {
  const valid = Object.entries(settingsSchema.shape).flatMap(([name, schema]) => {
    const parsed = schema.safeParse(stored[name]);
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  return { ...defaultSettings, ...Object.fromEntries(valid) };
}

/** A file that is no JSON object is set aside beside itself, for a person to look at. */
function loadObject(file: string, log: Log): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    throw new Error('not an object');
  } catch (error) {
    log.warn('settings.broken', { error: describeError(error) });
    setAside(file, log);
    return {};
  }
}

function setAside(file: string, log: Log): void {
  try {
    renameSync(file, `${file}.broken`);
  } catch (error) {
    log.warn('settings.set-aside-failed', { error: describeError(error) });
  }
}

function save(file: string, value: Readonly<Record<string, unknown>>): void {
  try {
    writeFileAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
  } catch (cause) {
    throw new ParleyError('storage_failed', {
      message: `The settings could not be saved in ${file}. Check that the disk has room and that you may write there.`,
      cause,
    });
  }
}

function withoutUndefined(changes: Partial<Settings>): Partial<Settings> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

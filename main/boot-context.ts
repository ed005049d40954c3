/** What is known before Electron is ready, and all parts are booted with. */
import type { Log } from './log.ts';
import type { Profile } from './profile.ts';
import type { RelaySuggestion } from './relay-suggestion.ts';

export interface BootContext {
  readonly profile: Profile;
  readonly log: Log;
  readonly logFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: 'darwin' | 'linux' | 'win32';
  readonly hostname: string;
  readonly suggestion: RelaySuggestion;
}

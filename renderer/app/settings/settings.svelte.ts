/** Settings of this computer, kept by the shell and worn by the page: theme, density, text size. */
import type { RpcClient } from '../../../bridge/rpc.ts';
import { defaultSettings, type AppInfo, type Settings, type ShellContract } from '../../../bridge/shell-contract.ts';

export class AppSettings {
  readonly #shell: Pick<RpcClient<ShellContract>, 'invoke' | 'on'>;
  #values = $state.raw<Settings>(defaultSettings);
  #info = $state.raw<AppInfo | null>(null);

  constructor(shell: Pick<RpcClient<ShellContract>, 'invoke' | 'on'>) {
    this.#shell = shell;
    shell.on('settings.changed', (settings) => (this.#values = settings));
  }

  get values(): Settings {
    return this.#values;
  }
  get info(): AppInfo | null {
    return this.#info;
  }

  async load(): Promise<void> {
    const [values, info] = await Promise.all([this.#shell.invoke('settings.get'), this.#shell.invoke('app.info')]);
    this.#values = values;
    this.#info = info;
  }

  /** Shows at once; the shell's answer has the last word. */
  async set(changes: Partial<Settings>): Promise<void> {
    const before = this.#values;
    this.#values = { ...before, ...changes };
    try {
      this.#values = await this.#shell.invoke('settings.set', changes);
    } catch (error) {
      this.#values = before;
      throw error;
    }
  }
}

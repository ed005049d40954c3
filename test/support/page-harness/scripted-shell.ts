/** A shell made of memory: settings, the clipboard, links, and what the page is showing. */
import type { EventName, EventOf, Handlers } from '../../../bridge/contract.ts';
import { defaultSettings, type AppInfo, type Settings, type ShellContract } from '../../../bridge/shell-contract.ts';

type Emit = <N extends EventName<ShellContract>>(name: N, data: EventOf<ShellContract, N>) => void;

export class ScriptedShell {
  settings: Settings;
  info: AppInfo;
  clipboard = '';
  opened: string[] = [];
  /** What was asked of it with files. */
  files: { name: string; input: unknown }[] = [];
  /** What was asked of it with all data. */
  data: { name: string; input: unknown }[] = [];
  showing: string | null = null;
  readonly #emitters = new Set<Emit>();

  constructor(settings: Partial<Settings>) {
    this.settings = { ...defaultSettings, ...settings };
    this.info = {
      version: '0.1.0',
      platform: 'linux',
      profile: 'default',
      dataDir: '/home/anna/.config/Parley/default',
      secretStorage: 'file',
      suggestedRelay: null,
      notificationsSupported: true,
      drawsInSoftware: false,
    };
  }

  attach(emit: Emit): void {
    this.#emitters.add(emit);
  }

  emit<N extends EventName<ShellContract>>(name: N, data: EventOf<ShellContract, N>): void {
    for (const emit of this.#emitters) emit(name, data);
  }

  #data(name: string, input: unknown): { begun: boolean } {
    this.data.push({ name, input });
    return { begun: true };
  }

  handlers(): Handlers<ShellContract> {
    return {
      'app.info': () => this.info,
      'settings.get': () => this.settings,
      'settings.set': (changes) => {
        const known = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
        this.settings = { ...this.settings, ...known };
        this.emit('settings.changed', this.settings);
        return this.settings;
      },
      'clipboard.write': ({ text }) => {
        this.clipboard = text;
      },
      'links.open': ({ url }) => {
        this.opened.push(url);
      },
      'page.showing': ({ conversation }) => {
        this.showing = conversation;
      },
      'app.show-data-folder': () => undefined,
      'media.save': (ref) => {
        this.files.push({ name: 'media.save', input: ref });
        return { saved: true };
      },
      'media.open': (input) => {
        this.files.push({ name: 'media.open', input });
      },
      'media.show': (ref) => {
        this.files.push({ name: 'media.show', input: ref });
      },
      'data.export': () => this.#data('data.export', null),
      'data.import': () => this.#data('data.import', null),
      'data.backup': (input) => this.#data('data.backup', input),
      'data.restore': (input) => this.#data('data.restore', input),
      'microphone.ask': () => ({ granted: true }),
    };
  }
}

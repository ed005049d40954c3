/** The engine's part that follows the account: pins, mutes, notes, new devices, being the same everywhere, work on all data. */
import type { Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { ConversationView, DataJob, DeviceView, Safekeeping, SyncStatus } from '../../../bridge/views.ts';

type Commands = Pick<
  Handlers<EngineContract>,
  | 'conversations.pin'
  | 'conversations.mute'
  | 'conversations.notes'
  | 'devices.new'
  | 'devices.acknowledge'
  | 'sync.status'
  | 'sync.check'
  | 'safekeeping.get'
  | 'safekeeping.set'
  | 'data.job'
  | 'data.cancel'
>;
type ConversationId = ConversationView['id'];

interface Options {
  readonly change: (conversation: ConversationId, changes: Partial<ConversationView>) => void;
  readonly notes: () => ConversationView;
  readonly emit: {
    sync(status: SyncStatus): void;
    devices(devices: DeviceView[]): void;
    job(job: DataJob): void;
  };
}

export class ScriptedAccount {
  readonly #options: Options;
  readonly #statuses = new Map<ConversationId, SyncStatus>();
  #newDevices: DeviceView[] = [];
  #job: DataJob | null = null;
  #safekeeping: Safekeeping = { keepCopy: true, copiedAt: Date.now() - 600_000, checkedAt: Date.now() - 7_200_000 };

  constructor(options: Options) {
    this.#options = options;
  }

  handlers(): Commands {
    return {
      'conversations.pin': ({ conversation, pinned }) =>
        this.#options.change(conversation, { pinnedAt: pinned ? Date.now() : null }),
      'conversations.mute': ({ conversation, mute }) =>
        this.#options.change(conversation, {
          muted: mute !== null,
          mutedUntil: mute?.forMs ? Date.now() + mute.forMs : null,
        }),
      'conversations.notes': () => this.#options.notes(),
      'devices.new': () => this.#newDevices,
      'devices.acknowledge': ({ devices }) => {
        this.#newDevices = this.#newDevices.filter(({ id }) => !devices.includes(id));
      },
      'sync.status': ({ conversation }) => this.status(conversation),
      'sync.check': ({ conversation }) => this.sync(conversation, { state: 'checking' }),
      'safekeeping.get': () => this.#safekeeping,
      'safekeeping.set': (changes) => (this.#safekeeping = { ...this.#safekeeping, ...changes }),
      'data.job': () => this.#job,
      'data.cancel': () => this.job({ state: 'cancelled' }),
    };
  }

  status(conversation: ConversationId): SyncStatus {
    return (
      this.#statuses.get(conversation) ?? {
        ...{ conversation, state: 'unknown', seq: 0, head: 0, from: 1, checkedAt: null, devices: [] },
        ...{ repair: null, problem: null },
      }
    );
  }

  sync(conversation: ConversationId, changes: Partial<SyncStatus>): void {
    const status = { ...this.status(conversation), ...changes };
    this.#statuses.set(conversation, status);
    this.#options.emit.sync(status);
  }

  appear(...devices: DeviceView[]): void {
    this.#newDevices.push(...devices);
    this.#options.emit.devices(devices);
  }

  job(changes: Partial<DataJob>): void {
    const before: DataJob = { job: 'export', state: 'running', done: 0, total: 100, result: null, failure: null };
    this.#job = { ...(this.#job ?? before), ...changes };
    this.#options.emit.job(this.#job);
  }
}

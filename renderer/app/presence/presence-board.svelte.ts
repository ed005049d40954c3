/** Who is online and who types: asks for the people on screen only, and keeps what the engine tells. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { PersonView, PresenceView } from '../../../bridge/views.ts';
import { limits } from '../../../bridge/text-rules.ts';
import type { ConversationId, UserId } from '../ids.ts';

type Engine = Pick<RpcClient<EngineContract>, 'invoke' | 'on'>;

export class PresenceBoard {
  readonly #engine: Engine;
  readonly #delayMs: number;
  #known = $state.raw<ReadonlyMap<UserId, PresenceView>>(new Map());
  #typing = $state.raw<ReadonlyMap<ConversationId, readonly PersonView[]>>(new Map());
  /** Who each part of the screen looks at. */
  readonly #wanted = new Map<string, readonly UserId[]>();
  #asked = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: Engine, delayMs = 120) {
    this.#engine = engine;
    this.#delayMs = delayMs;
    engine.on('presence.changed', (changed) => this.#take(changed));
    engine.on('typing.changed', ({ conversation, people }) => {
      this.#typing = new Map([...this.#typing, [conversation, people]]);
    });
  }

  of(user: UserId | undefined): PresenceView | undefined {
    return user === undefined ? undefined : this.#known.get(user);
  }

  typing(conversation: ConversationId): readonly PersonView[] {
    return this.#typing.get(conversation) ?? [];
  }

  /** A part of the screen says whom it looks at now; the parts together are watched. */
  watch(part: string, users: readonly UserId[]): void {
    this.#wanted.set(part, users);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), this.#delayMs);
  }

  /** Asks anew, since whoever was told before has been restarted. */
  refresh(): void {
    this.#asked = '';
    this.#typing = new Map();
    void this.#ask();
  }

  async #ask(): Promise<void> {
    const users = [...new Set([...this.#wanted.values()].flat())].slice(0, limits.watchedUsers);
    const asked = [...users].sort().join();
    if (asked === this.#asked) return;
    this.#asked = asked;
    try {
      this.#take(await this.#engine.invoke('presence.watch', { users }));
    } catch {
      // Unknown presence is shown as none; the next change of the list asks again.
      if (this.#asked === asked) this.#asked = '';
    }
  }

  #take(changed: readonly PresenceView[]): void {
    this.#known = new Map([...this.#known, ...changed.map((one) => [one.user, one] as const)]);
  }
}

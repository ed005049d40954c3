/** Knows whether a link lives: pings when it has been quiet, asks at once when it matters, and says when it is dead. */
import type { Clock } from '../runtime/clock.ts';

/** As the relay's welcome says. */
interface Timing {
  /** A ping is due after so long without saying anything. */
  readonly heartbeatMs: number;
  /** A link on which nothing was heard for so long is dead. */
  readonly deadAfterMs: number;
}

export interface HeartbeatDeps {
  readonly clock: Clock;
  /** Says `ping` on the link, which tells `said` in turn. */
  readonly ping: () => void;
  readonly onDead: () => void;
}

const probeMs = 4_000;
/**
 * The longest times for as long as something said is unanswered, however rare the relay wants heartbeats: what is on its
 * way and never arrives keeps the system's own look at the link (socket.ts) from ending it.
 */
const attentive: Timing = { heartbeatMs: 12_000, deadAfterMs: 26_000 };
/** What is said after a longer silence asks first whether the link still lives. */
const longSilenceMs = 15_000;
const shortestWaitMs = 50;

export class Heartbeat {
  readonly #deps: HeartbeatDeps;
  #timing: Timing | null = null;
  #saidAt: number;
  #heardAt: number;
  /** When the first was said of what is unanswered. */
  #askedAt: number | null = null;
  #heard = 0;
  #paused = false;
  #probing = false;
  #looksAt = Infinity;
  #cancelLook = (): void => {};

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps;
    this.#saidAt = this.#heardAt = deps.clock.monotonic();
  }

  /** The relay said what it wants. */
  start(timing: Timing): void {
    this.#timing = timing;
    this.#look();
  }

  stop(): void {
    this.#timing = null;
    this.#cancelLook();
  }

  said(): void {
    this.#saidAt = this.#deps.clock.monotonic();
    this.#askedAt ??= this.#saidAt;
    if (this.#looksAt > this.#saidAt + attentive.heartbeatMs) this.#lookIn(attentive.heartbeatMs);
  }

  heard(): void {
    this.#heardAt = this.#deps.clock.monotonic();
    this.#askedAt = null;
    this.#heard++;
  }

  /** Nothing is read for now, so nothing is missed. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  /** To be called before something is said. */
  aboutToSay(): void {
    if (!this.#paused && this.#deps.clock.monotonic() - this.#heardAt > longSilenceMs) this.probe();
  }

  /** Finds out within seconds. */
  probe(): void {
    if (!this.#timing || this.#probing) return;
    this.#probing = true;
    const heardBefore = this.#heard;
    this.#deps.ping();
    this.#deps.clock.after(probeMs, () => {
      this.#probing = false;
      if (this.#timing && !this.#paused && this.#heard === heardBefore) this.#deps.onDead();
    });
  }

  /** One timer serves both directions: it runs when the next ping is due or the link would count as dead. */
  #look(): void {
    if (!this.#timing) return;
    const now = this.#deps.clock.monotonic();
    if (this.#paused) {
      this.#heardAt = now;
      this.#askedAt = null;
    }
    if (now >= this.#deadAt(this.#timing)) return this.#deps.onDead();
    if (now >= this.#pingAt(this.#timing)) this.#deps.ping();
    this.#lookIn(Math.min(this.#pingAt(this.#timing), this.#deadAt(this.#timing)) - now);
  }

  #pingAt({ heartbeatMs }: Timing): number {
    return this.#saidAt + (this.#askedAt === null ? heartbeatMs : Math.min(heartbeatMs, attentive.heartbeatMs));
  }

  #deadAt({ deadAfterMs }: Timing): number {
    const unheard = this.#heardAt + deadAfterMs;
    return this.#askedAt === null ? unheard : Math.min(unheard, this.#askedAt + attentive.deadAfterMs);
  }

  #lookIn(ms: number): void {
    if (!this.#timing) return;
    const { clock } = this.#deps;
    const wait = Math.max(shortestWaitMs, ms);
    this.#cancelLook();
    this.#looksAt = clock.monotonic() + wait;
    this.#cancelLook = clock.after(wait, () => this.#look());
  }
}

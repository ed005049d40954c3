/** Says on the bus that this node lives, and hears the same of the others. */
import type { Msg } from '@nats-io/transport-node';
import { decodeOne, encodeOne } from '../../../protocol/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { BusTiming } from './bus-timing.ts';
import { LeanSubscription } from './lean-subscription.ts';
import type { Link } from './link.ts';
import { createReminder } from './reminder.ts';
import { Roster, wordSchema, type Word } from './roster.ts';

interface SignsDeps {
  readonly link: Pick<Link, 'up' | 'publish'>;
  readonly node: string;
  /** The subject. */
  readonly alive: string;
  readonly timing: BusTiming;
  readonly clock: Clock;
  readonly elapsed: () => number;
  readonly log: Log;
  /** Notes of others may have been missed since then, by `elapsed`. */
  onMissed(since: number, why: string): void;
}

/** Clocks that differ by more than this are spoken of: times shown and orders of lists suffer, messages do not. */
const mostSkewMs = 2_000;

export class SignsOfLife {
  /** Hears the other nodes. */
  readonly subscription: LeanSubscription<string>;
  readonly #deps: SignsDeps;
  readonly #roster: Roster;
  readonly #timer: NodeJS.Timeout;
  readonly #remind;
  #word = 0;
  #losses = 0;
  #unsaid = false;
  #tickedAt: number;
  #ticks = 0;

  constructor(deps: SignsDeps) {
    this.#deps = deps;
    const { timing, onMissed } = deps;
    this.#tickedAt = deps.elapsed();
    this.#roster = new Roster({
      ...timing,
      startedAt: this.#tickedAt,
      onMissed: (since, why) => onMissed(since, reasons[why]),
    });
    const owner = { nameOf: (alive: string) => alive, heard: (_alive: string, message: Msg) => this.#hear(message) };
    this.subscription = new LeanSubscription(owner, deps.alive);
    this.#remind = createReminder(deps.elapsed);
    this.#timer = setInterval(() => this.#tick(), timing.beatMs / 2);
  }

  /** Relay nodes alive, this one among them. */
  get nodes(): number {
    return 1 + this.#roster.alive;
  }

  /** Greatest difference of clocks between this node and another, in milliseconds. */
  get skewMs(): number {
    return this.#roster.skew;
  }

  /** Connected, for the first time or again. */
  up(): void {
    this.#roster.excuse(this.#deps.elapsed());
    this.#say(false);
  }

  /** A note of this node could not be sent: the others are told with the next word. */
  noteLost(): void {
    this.#unsaid = true;
  }

  goodbye(): void {
    clearInterval(this.#timer);
    this.#say(true);
  }

  #tick(): void {
    const { elapsed, timing, link } = this.#deps;
    const now = elapsed();
    // This process was held up, and what others said meanwhile waits to be read.
    if (now - this.#tickedAt > timing.beatMs) this.#roster.excuse(now);
    this.#tickedAt = now;
    if (this.#ticks++ % 2 === 0) this.#say(false);
    if (link.up) this.#roster.check(now);
    const { skew } = this.#roster;
    if (skew > mostSkewMs) this.#remind(() => this.#warn(skew));
  }

  #warn(skew: number): void {
    const detail = 'The clocks of the relay nodes differ. Let all of them follow a time server (NTP).';
    this.#deps.log.warn('bus.clocks_differ', { seconds: Math.round(skew / 1_000), detail });
  }

  #say(goodbye: boolean): void {
    const { link, node, clock, alive } = this.#deps;
    const losses = this.#losses + (this.#unsaid ? 1 : 0);
    const word: Word = { node, word: this.#word++, losses, time: clock(), goodbye };
    if (!link.publish(alive, encodeOne(word))) return;
    this.#losses = losses;
    this.#unsaid = false;
  }

  #hear(message: Msg): void {
    const word = parseWord(message.data);
    if (word) this.#roster.hear(word, this.#deps.elapsed(), this.#deps.clock());
  }
}

const reasons = {
  died: 'another node went silent',
  returned: 'a node that was silent is back',
  lost: 'notes of another node were lost',
} as const;

function parseWord(bytes: Uint8Array): Word | null {
  try {
    return wordSchema.safeParse(decodeOne(bytes)).data ?? null;
  } catch {
    return null;
  }
}

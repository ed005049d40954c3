/** Asks the other nodes who is subscribed: "no responders" is a no, and so is silence, unless the server is silent too. */
import type { Msg } from '@nats-io/transport-node';
import type { Subject } from '../../ports/bus.ts';
import type { BusTiming } from './bus-timing.ts';
import type { Link } from './link.ts';
import { LeanSubscription } from './lean-subscription.ts';
import type { SubjectNames } from './subject-names.ts';

export interface AsksDeps {
  readonly link: Pick<Link, 'publish' | 'roundTrip' | 'unavailable'>;
  readonly names: SubjectNames;
  readonly node: string;
  readonly timing: Pick<BusTiming, 'askMs' | 'serverSilentMs'>;
  readonly elapsed: () => number;
}

/** Asks on their way at once; the others wait. */
const mostOpen = 2_048;

/** An ask has no content, and its answer one byte; what the server says itself has headers and no content. */
const nothing = new Uint8Array();
const here = new Uint8Array([1]);

interface Round {
  readonly subjects: readonly Subject[];
  readonly found: Set<Subject>;
  /** Index of the next one to ask for. */
  next: number;
  left: number;
  resolve(found: ReadonlySet<Subject>): void;
  reject(error: unknown): void;
}

interface Ask {
  readonly subject: Subject;
  readonly round: Round;
  readonly at: number;
}

export class Asks {
  /** Hears the answers. */
  readonly inbox: LeanSubscription<string>;
  readonly #deps: AsksDeps;
  readonly #prefix: string;
  /** In the order asked. */
  readonly #open = new Map<string, Ask>();
  #waiting: Round[] = [];
  #asked = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(deps: AsksDeps) {
    this.#deps = deps;
    this.#prefix = deps.names.inboxOf(deps.node);
    const owner = {
      nameOf: (inbox: string) => inbox,
      heard: (_inbox: string, message: Msg) => this.#hear(message),
    };
    this.inbox = new LeanSubscription(owner, `${this.#prefix}*`);
  }

  /**
   * Which of them have subscribers on other nodes.
   * @throws ParleyError `unavailable`
   */
  ask(subjects: readonly Subject[]): Promise<ReadonlySet<Subject>> {
    return new Promise((resolve, reject) => {
      if (subjects.length === 0) return resolve(new Set());
      this.#waiting.push({ subjects, found: new Set(), next: 0, left: subjects.length, resolve, reject });
      this.#askOn();
    });
  }

  /** Answers for this node, which has subscribers there. @returns whether it was an ask and not a note. */
  answer(message: Msg): boolean {
    if (message.data.byteLength > 0) return false;
    if (this.#deps.names.isInbox(message.reply ?? '')) this.#deps.link.publish(message.reply ?? '', here);
    return true;
  }

  /** The connection ended: nothing will be answered. */
  fail(): void {
    const error = this.#deps.link.unavailable();
    const rounds = new Set(this.#waiting);
    for (const { round } of this.#open.values()) rounds.add(round);
    this.#open.clear();
    this.#waiting = [];
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (const round of rounds) round.reject(error);
  }

  #askOn(): void {
    const { link, names, elapsed } = this.#deps;
    for (let [round] = this.#waiting; round && this.#open.size < mostOpen; [round] = this.#waiting) {
      const subject = round.subjects[round.next++];
      if (round.next >= round.subjects.length) this.#waiting.shift();
      if (!subject) continue;
      const token = (this.#asked++).toString(36);
      this.#open.set(token, { subject, round, at: elapsed() });
      if (!link.publish(names.nameOf(subject), nothing, this.#prefix + token)) return this.fail();
    }
    this.#watch();
  }

  #hear(message: Msg): void {
    const token = message.subject.slice(this.#prefix.length);
    const ask = this.#open.get(token);
    if (!ask) return;
    this.#settle(token, ask, message.data.byteLength > 0);
    if (this.#waiting.length > 0) this.#askOn();
  }

  #settle(token: string, { subject, round }: Ask, found: boolean): void {
    this.#open.delete(token);
    if (found) round.found.add(subject);
    if (--round.left === 0) round.resolve(round.found);
  }

  /** One timer for all: the oldest ask is the first that is late. */
  #watch(): void {
    const [oldest] = this.#open.values();
    if (!oldest || this.#timer) return;
    const inMs = Math.max(0, oldest.at + this.#deps.timing.askMs - this.#deps.elapsed());
    this.#timer = setTimeout(() => void this.#expire(), inMs);
  }

  /**
   * A subscriber that says nothing counts as gone. But first the server has to answer: it may be the one that is silent,
   * or this process may have been held up, so that answers wait to be read.
   */
  async #expire(): Promise<void> {
    const { link, elapsed, timing } = this.#deps;
    const before = elapsed() - timing.askMs;
    try {
      await link.roundTrip(timing.serverSilentMs);
      for (const [token, ask] of this.#open) {
        if (ask.at > before) break;
        this.#settle(token, ask, false);
      }
    } catch {
      this.fail();
    }
    this.#timer = null;
    this.#askOn();
  }
}

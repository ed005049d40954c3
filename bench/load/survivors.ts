/** People who go on when a node of their fleet dies: they connect to another one, say again what was not answered, and catch up. */
import { createInterface } from 'node:readline';
import { createId, type MessageId, type RelayFrame } from '../../protocol/index.ts';
import type { Addresses } from './addresses.ts';
import type { Report } from './generator.ts';
import { LoadClient, samplePayload } from './load-client.ts';
import type { LoadPerson } from './people.ts';
import { delay } from './traffic.ts';

export interface Survival {
  readonly sent: number;
  /** Messages that the other person never got, and such that have two places in the conversation. */
  readonly lost: number;
  readonly twice: number;
  /** How many connections broke. */
  readonly broken: number;
  /** From the moment the node was killed until everybody was connected and had all that was sent before. */
  readonly inSyncMs: number;
}

interface SurviveOrder {
  readonly addresses: Addresses;
  readonly perSecond: number;
}

const payload = samplePayload(320);
/** As desktops do: the first attempt within a second, later ones further apart. */
const firstWaitMs = 1_000;
const longestWaitMs = 8_000;
const tickMs = 5;

class Survivor {
  readonly person: LoadPerson;
  readonly #client: LoadClient;
  readonly #addresses: Addresses;
  #node: number;
  readonly unanswered = new Map<MessageId, number>();
  /** The seq of each message of the other person. */
  readonly received = new Map<MessageId, number>();
  twice = 0;
  /** Everything up to here is held, and some seqs beyond it. */
  #held = 0;
  readonly #beyond = new Set<number>();
  isUp = false;
  broken = 0;

  constructor(person: LoadPerson, node: number, addresses: Addresses) {
    this.person = person;
    this.#node = node;
    this.#addresses = addresses;
    this.#client = new LoadClient(person, (frame) => this.#receive(frame));
  }

  async connect(): Promise<void> {
    for (let wait = firstWaitMs; ; wait = Math.min(longestWaitMs, wait * 2)) {
      try {
        const { conversation } = this.person;
        const have = this.#held > 0 ? [{ conversation, seq: this.#held }] : [];
        await this.#client.connect(this.#addresses[this.#node % this.#addresses.length] ?? this.#addresses[0], have);
        break;
      } catch {
        this.#node += 1;
        await delay(Math.random() * wait);
      }
    }
    this.isUp = true;
    this.#client.onceClosed(() => {
      this.isUp = false;
      this.broken += 1;
      this.#node += 1;
      void delay(Math.random() * firstWaitMs).then(() => this.connect());
    });
    for (const id of this.unanswered.keys()) this.#say(id);
  }

  send(): MessageId {
    const id = createId<MessageId>();
    this.unanswered.set(id, performance.now());
    this.#say(id);
    return id;
  }

  #say(id: MessageId): void {
    this.#client.send({ type: 'send', conversation: this.person.conversation, id, epoch: 0, payload });
  }

  #receive(frame: RelayFrame): void {
    if (frame.type === 'accepted') {
      this.unanswered.delete(frame.id);
      this.#take(frame.seq);
    } else if (frame.type === 'deliver') {
      for (const { id, seq, device } of frame.messages) {
        this.#take(seq);
        if (device === this.person.device) continue;
        if ((this.received.get(id) ?? seq) !== seq) this.twice += 1;
        this.received.set(id, seq);
      }
    } else if (frame.type === 'refused' && frame.code === 'unavailable') {
      const { id } = frame;
      void delay(frame.retryAfterMs ?? firstWaitMs).then(() => this.unanswered.has(id) && this.#say(id));
    } else if (frame.type === 'refused') throw new Error(`The relay said ${frame.code}: ${frame.message}`);
  }

  /** An answer may overtake messages that other nodes took before it. */
  #take(seq: number): void {
    if (seq > this.#held) this.#beyond.add(seq);
    while (this.#beyond.delete(this.#held + 1)) this.#held += 1;
  }
}

/** Writes at a steady rate; on the first line of standard input a node has just been killed, on the second it is over. */
export async function survive(
  people: readonly LoadPerson[],
  { addresses, perSecond }: SurviveOrder,
  report: (line: Report) => void,
): Promise<void> {
  const survivors = people.map((person, index) => new Survivor(person, index, addresses));
  for (let at = 0; at < survivors.length; at += 200)
    await Promise.all(survivors.slice(at, at + 200).map((survivor) => survivor.connect()));
  const sent = new Map<MessageId, Survivor>();
  const begun = performance.now();
  let count = 0;
  const sending = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1_000) * perSecond);
    for (; count < due; count += 1) {
      const at = count % survivors.length;
      const [from, to] = [survivors[at], survivors[at ^ 1]];
      if (from && to) sent.set(from.send(), to);
    }
  }, tickMs);
  report({ event: 'ready' });
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  await lines.next();
  const killedAt = performance.now();
  const before = [...sent];
  const missing = (of: readonly [MessageId, Survivor][]) => of.filter(([id, to]) => !to.received.has(id)).length;
  // Those that are connected to the dead node do not know it yet.
  await delay(tickMs);
  while (survivors.some(({ isUp }) => !isUp) || missing(before) > 0) await delay(tickMs);
  const inSyncMs = performance.now() - killedAt;
  report({ event: 'reconnected', ms: inSyncMs });
  await lines.next();
  clearInterval(sending);
  const patience = performance.now() + 30_000;
  while (performance.now() < patience && missing([...sent]) > 0) await delay(tickMs);
  report({
    event: 'survived',
    sent: sent.size,
    lost: missing([...sent]),
    twice: survivors.reduce((sum, { twice }) => sum + twice, 0),
    broken: survivors.reduce((sum, survivor) => sum + survivor.broken, 0),
    inSyncMs,
  });
}

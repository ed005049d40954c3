/** The traffic of the benchmarks: pairs of people who write to each other, closed loop or at a steady rate. */
import { createId, type FrameOf, type MessageId, type RelayFrame } from '../../protocol/index.ts';
import { addressFor, type Addresses } from './addresses.ts';
import { LoadClient, samplePayload } from './load-client.ts';
import type { LoadPerson } from './people.ts';
import { summarise, type LatencySummary } from './percentiles.ts';

const payload = samplePayload(320);

export interface TrafficResult {
  readonly accepted: number;
  readonly delivered: number;
  readonly seconds: number;
  /** From `send` to the other person's device, in milliseconds. */
  readonly latency: LatencySummary;
  /** Answers about chains. */
  readonly compared: number;
}

export class Traffic {
  readonly #clients: LoadClient[];
  /** Called once an answer about a chain came. */
  readonly #askAgain = new Map<LoadClient, () => void>();
  readonly #sentAt = new Map<MessageId, number>();
  #latencies: number[] = [];
  #accepted = 0;
  #delivered = 0;
  #compared = 0;
  #measuring = false;
  /** Closed loop: every answer makes room for the next message. */
  #refill = false;

  constructor(people: readonly LoadPerson[]) {
    this.#clients = people.map((person) => {
      const client: LoadClient = new LoadClient(person, (frame) => this.#receive(client, frame));
      return client;
    });
  }

  async connect(addresses: Addresses): Promise<void> {
    for (let at = 0; at < this.#clients.length; at += 200) {
      const some = this.#clients.slice(at, at + 200);
      await Promise.all(some.map((client, index) => client.connect(addressFor(addresses, at + index))));
    }
  }

  /** Keeps `inFlight` unanswered messages a person. `onMeasure` is called when the measured part begins and ends. */
  async closedLoop(inFlight: number, timing: Timing, onMeasure: OnMeasure): Promise<TrafficResult> {
    this.#refill = true;
    for (const client of this.#clients) for (let n = 0; n < inFlight; n += 1) this.#sendFrom(client);
    const result = await this.#measure(timing, onMeasure);
    this.#refill = false;
    return result;
  }

  /** Sends at a steady rate, whatever the relay does; late messages are sent at once, so no delay goes unmeasured. */
  async steady(perSecond: number, timing: Timing, onMeasure: OnMeasure): Promise<TrafficResult> {
    const begun = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - begun) / 1_000) * perSecond);
      for (; sent < due; sent += 1) this.#sendFrom(this.#clients[sent % this.#clients.length]);
    }, 1);
    const result = await this.#measure(timing, onMeasure);
    clearInterval(timer);
    return result;
  }

  /** Each device asks for the link of its conversation's head and signs it off, as the engine does, spread over the time. */
  compareChains(eachMs: number): void {
    for (const [index, client] of this.#clients.entries()) {
      const { conversation } = client.person;
      const ask = (): void => client.send({ type: 'chain', ref: 1, conversation, seqs: [0] });
      this.#askAgain.set(client, () => setTimeout(ask, eachMs).unref());
      setTimeout(ask, (eachMs * index) / this.#clients.length).unref();
    }
  }

  cut(): void {
    for (const client of this.#clients) client.cut();
  }

  async #measure({ warmUpMs, measureMs }: Timing, onMeasure: OnMeasure): Promise<TrafficResult> {
    await delay(warmUpMs);
    onMeasure('begin');
    const begun = performance.now();
    this.#latencies = [];
    this.#accepted = this.#delivered = this.#compared = 0;
    this.#measuring = true;
    await delay(measureMs);
    this.#measuring = false;
    const seconds = (performance.now() - begun) / 1_000;
    onMeasure('end');
    const latency = summarise(this.#latencies);
    return { accepted: this.#accepted, delivered: this.#delivered, seconds, latency, compared: this.#compared };
  }

  #sendFrom(client: LoadClient | undefined): void {
    if (!client) return;
    const id = createId<MessageId>();
    this.#sentAt.set(id, performance.now());
    client.send({ type: 'send', conversation: client.person.conversation, id, epoch: 0, payload });
  }

  #receive(client: LoadClient, frame: RelayFrame): void {
    if (frame.type === 'accepted') {
      if (this.#measuring) this.#accepted += 1;
      if (this.#refill) this.#sendFrom(client);
    } else if (frame.type === 'deliver') {
      for (const { id } of frame.messages) this.#received(id);
    } else if (frame.type === 'chained') {
      this.#signOff(client, frame);
    } else if (frame.type === 'refused' || frame.type === 'error') {
      throw new Error(`The relay said ${frame.code}: ${frame.message}`);
    }
  }

  #signOff(client: LoadClient, { conversation, links }: FrameOf<RelayFrame, 'chained'>): void {
    if (this.#measuring) this.#compared += 1;
    client.send({ type: 'attest', heads: links.map(({ seq, link }) => ({ conversation, seq, link })) });
    this.#askAgain.get(client)?.();
  }

  #received(id: MessageId): void {
    const sentAt = this.#sentAt.get(id);
    this.#sentAt.delete(id);
    if (!this.#measuring || sentAt === undefined) return;
    this.#delivered += 1;
    this.#latencies.push(performance.now() - sentAt);
  }
}

export interface Timing {
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export type OnMeasure = (moment: 'begin' | 'end') => void;

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

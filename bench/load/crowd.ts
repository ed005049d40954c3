/** Many idle people who connect, wait for a word on standard input, are all cut at once, and come back. */
import { createInterface } from 'node:readline';
import { addressFor, sourceFor, type Addresses } from './addresses.ts';
import type { Report } from './generator.ts';
import { LoadClient } from './load-client.ts';
import type { LoadPerson } from './people.ts';

const atOnce = 100;
/** Heartbeats come spread over time, as those of real devices do, and not in one burst that shares its costs. */
const tickMs = 5;

export class Crowd {
  readonly #clients: LoadClient[];
  readonly #addresses: Addresses;
  /** As the relay's welcome says. */
  #heartbeatMs = Infinity;

  constructor(people: readonly LoadPerson[], addresses: Addresses) {
    this.#addresses = addresses;
    this.#clients = people.map(
      (person) =>
        new LoadClient(person, (frame) => {
          if (frame.type === 'welcome') this.#heartbeatMs = frame.heartbeatMs;
        }),
    );
  }

  /** Says `ready` when all are in sync; on each line of standard input cuts and reconnects all, and says how long it took. */
  async run(report: (line: Report) => void): Promise<void> {
    const heartbeats = this.#keepUp();
    for (let at = 0; at < this.#clients.length; at += atOnce) {
      await Promise.all(this.#clients.slice(at, at + atOnce).map((client, index) => this.#connect(client, at + index)));
    }
    report({ event: 'ready' });
    for await (const line of createInterface({ input: process.stdin })) {
      if (line === 'stop') break;
      report({ event: 'reconnected', ms: await this.#reconnectAll() });
    }
    clearInterval(heartbeats);
  }

  async #reconnectAll(): Promise<number> {
    for (const client of this.#clients) client.cut();
    const begun = performance.now();
    await Promise.all(this.#clients.map((client, index) => this.#connect(client, index)));
    return performance.now() - begun;
  }

  #connect(client: LoadClient, index: number): Promise<void> {
    return client.connect(addressFor(this.#addresses, index), [], sourceFor(index));
  }

  /** Each client in its turn says that it is there, once a heartbeat. */
  #keepUp(): NodeJS.Timeout {
    let at = 0;
    let due = 0;
    let before = performance.now();
    return setInterval(() => {
      const now = performance.now();
      due += ((now - before) / this.#heartbeatMs) * this.#clients.length;
      before = now;
      for (; due >= 1; due--) this.#clients[at++ % this.#clients.length]?.send({ type: 'ping' });
    }, tickMs);
  }
}

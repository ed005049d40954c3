/** A process with two bad neighbours: one that asks for everything and reads nothing, one that talks as much as it may. */
import { setPriority } from 'node:os';
import { createId, limits, type MessageId } from '../../protocol/index.ts';
import { LoadClient, samplePayload } from './load-client.ts';
import type { LoadPerson } from './people.ts';

export interface HostileOrder {
  readonly address: string;
  /** Holds nothing of its conversation, asks for all of it, and stops reading. */
  readonly slow: LoadPerson;
  /** Sends messages as large and as often as the relay allows, and asks for long ranges with the rest of its frames. */
  readonly flooder: LoadPerson;
  readonly sendsPerSecond: number;
  readonly framesPerSecond: number;
}

const tickMs = 10;
const largeText = 60 * 1024;

async function flood({ address, flooder, sendsPerSecond, framesPerSecond }: HostileOrder): Promise<void> {
  const { conversation } = flooder;
  const payload = samplePayload(largeText);
  const client = new LoadClient(flooder, () => {});
  await client.connect(address);
  const begun = performance.now();
  let [sends, fetches] = [0, 0];
  setInterval(() => {
    const seconds = (performance.now() - begun) / 1_000;
    for (; sends < seconds * sendsPerSecond; sends++) {
      client.send({ type: 'send', conversation, id: createId<MessageId>(), epoch: 0, payload });
    }
    // A little below what would be taken for flooding: it is to stay connected.
    for (; fetches < seconds * (framesPerSecond * 0.9 - sendsPerSecond); fetches++) {
      client.send({ type: 'fetch', ref: fetches, conversation, from: 1, to: limits.batchMessages });
    }
  }, tickMs);
}

// What it costs to be hostile is not the relay's: the measuring neighbours on this core go first.
setPriority(19);
const order = JSON.parse(process.argv[2] ?? '{}') as HostileOrder;
const slow = new LoadClient(order.slow, () => {});
await slow.connectAndStall(order.address);
await flood(order);
process.stdout.write('hostile\n');

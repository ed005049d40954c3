/** The load generator's process: reads one order from its command line, tells what it measured on its standard output. */
import { loadPeople } from './people.ts';
import { Traffic, type TrafficResult } from './traffic.ts';
import type { Addresses } from './addresses.ts';
import { catchUp } from './catch-up.ts';
import { Crowd } from './crowd.ts';
import { survive, type Survival } from './survivors.ts';

export type Order =
  | {
      readonly kind: 'closed';
      readonly people: number;
      readonly inFlight: number;
      readonly measureMs: number;
      /** How often each device compares its conversation's chain; never if not given. */
      readonly comparesEachMs?: number;
    }
  | {
      readonly kind: 'steady';
      readonly people: number;
      readonly perSecond: number;
      readonly measureMs: number;
      /** Two seconds if not given; longer where a quiet relay has to have been compiled. */
      readonly warmUpMs?: number;
    }
  | { readonly kind: 'crowd'; readonly people: number }
  | { readonly kind: 'catch-up'; readonly person: number }
  | { readonly kind: 'survive'; readonly people: number; readonly perSecond: number };

export interface OrderFile {
  /** Of one relay, or of the nodes of a fleet: neighbours are on different ones. */
  readonly address: string | readonly string[];
  readonly peopleFile: string;
}

/** What the generator prints, a JSON object a line. `begin` and `end` enclose what is measured. */
export type Report =
  | { readonly event: 'begin' | 'end' | 'ready' }
  | { readonly event: 'traffic'; readonly result: TrafficResult }
  | { readonly event: 'reconnected'; readonly ms: number }
  | { readonly event: 'caught-up'; readonly ms: number; readonly messages: number }
  | ({ readonly event: 'survived' } & Survival);

const usualWarmUpMs = 2_000;

function report(line: Report): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function addressesOf({ address }: OrderFile): Addresses {
  const [first, ...others] = typeof address === 'string' ? [address] : address;
  if (first === undefined) throw new Error('The order names no relay.');
  return [first, ...others];
}

async function main(order: Order & OrderFile): Promise<void> {
  const people = loadPeople(order.peopleFile);
  const addresses = addressesOf(order);
  const say = (moment: 'begin' | 'end'): void => report({ event: moment });
  if (order.kind === 'catch-up') {
    const person = people[order.person];
    if (person) report({ event: 'caught-up', ...(await catchUp(person, addresses[0])) });
    return;
  }
  const chosen = people.slice(0, order.people);
  if (order.kind === 'crowd') return new Crowd(chosen, addresses).run(report);
  if (order.kind === 'survive') return survive(chosen, { ...order, addresses }, report);

  const traffic = new Traffic(chosen);
  await traffic.connect(addresses);
  report({ event: 'ready' });
  if (order.kind === 'closed' && order.comparesEachMs !== undefined) traffic.compareChains(order.comparesEachMs);
  const warmUpMs = order.kind === 'steady' ? (order.warmUpMs ?? usualWarmUpMs) : usualWarmUpMs;
  const timing = { warmUpMs, measureMs: order.measureMs };
  const result =
    order.kind === 'closed'
      ? await traffic.closedLoop(order.inFlight, timing, say)
      : await traffic.steady(order.perSecond, timing, say);
  report({ event: 'traffic', result });
  traffic.cut();
}

await main(JSON.parse(process.argv[2] ?? '{}') as Order & OrderFile);
process.exit(0);

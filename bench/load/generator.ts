/** The load generator's process: reads one order from its command line, tells what it measured on its standard output. */
import { loadPeople } from './people.ts';
import { Traffic, type TrafficResult } from './traffic.ts';
import { catchUp } from './catch-up.ts';
import { Crowd } from './crowd.ts';

export type Order =
  | { readonly kind: 'closed'; readonly people: number; readonly inFlight: number; readonly measureMs: number }
  | { readonly kind: 'steady'; readonly people: number; readonly perSecond: number; readonly measureMs: number }
  | { readonly kind: 'crowd'; readonly people: number }
  | { readonly kind: 'catch-up'; readonly person: number };

export interface OrderFile {
  readonly address: string;
  readonly peopleFile: string;
}

/** What the generator prints, a JSON object a line. `begin` and `end` enclose what is measured. */
export type Report =
  | { readonly event: 'begin' | 'end' | 'ready' }
  | { readonly event: 'traffic'; readonly result: TrafficResult }
  | { readonly event: 'reconnected'; readonly ms: number }
  | { readonly event: 'caught-up'; readonly ms: number; readonly messages: number };

function report(line: Report): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(order: Order & OrderFile): Promise<void> {
  const people = loadPeople(order.peopleFile);
  const say = (moment: 'begin' | 'end'): void => report({ event: moment });
  if (order.kind === 'catch-up') {
    const person = people[order.person];
    if (person) report({ event: 'caught-up', ...(await catchUp(person, order.address)) });
    return;
  }
  const chosen = people.slice(0, order.people);
  if (order.kind === 'crowd') return new Crowd(chosen, order.address).run(report);

  const traffic = new Traffic(chosen);
  await traffic.connect(order.address);
  report({ event: 'ready' });
  const timing = { warmUpMs: 2_000, measureMs: order.measureMs };
  const result =
    order.kind === 'closed'
      ? await traffic.closedLoop(order.inFlight, timing, say)
      : await traffic.steady(order.perSecond, timing, say);
  report({ event: 'traffic', result });
  traffic.cut();
}

await main(JSON.parse(process.argv[2] ?? '{}') as Order & OrderFile);
process.exit(0);

/** A run in rows: what a reader sees without the picture. */
import { rough, table } from '../words.ts';
import { createHistogram } from './histogram.ts';
import type { Stretch } from './recorder.ts';
import type { Run } from './simulate.ts';

const milliseconds = (seconds: number): string => {
  if (Number.isNaN(seconds)) return 'none';
  return seconds < 1 ? `${rough(seconds * 1e3)} ms` : `${rough(seconds)} s`;
};

/** Seconds after the fault from which on p99 stays below a second; null when it never left, or never came back. */
export function recoveredAfter({ scenario, stretches }: Run): number | null {
  const began = scenario.faults[0]?.at;
  if (began === undefined) return null;
  const bad = stretches.filter(({ time, delivery }) => time > began && !(delivery.percentile(0.99) < 1));
  const last = bad.at(-1);
  return last && last !== stretches.at(-1) ? last.time - began : null;
}

const highest = (stretches: readonly Stretch[], of: (stretch: Stretch) => number): number =>
  Math.max(...stretches.map(of).filter((value) => !Number.isNaN(value)));

export function summaryTable(runs: readonly Run[]): string {
  const head = [
    'scenario',
    'p50 / p99 / p99.9 over all',
    'worst p99 of 5 s',
    'p99 below 1 s again after',
    'fullest relay',
    'in outboxes, most',
    'tries to connect',
    'lost',
  ];
  return table(head, runs.map(summaryRow));
}

function summaryRow(run: Run): string[] {
  const all = createHistogram();
  for (const { delivery } of run.stretches) all.merge(delivery);
  const recovered = recoveredAfter(run);
  return [
    run.scenario.title,
    [0.5, 0.99, 0.999].map((part) => milliseconds(all.percentile(part))).join(' / '),
    milliseconds(highest(run.stretches, ({ delivery }) => delivery.percentile(0.99))),
    recovered === null ? 'it stayed below' : `${String(recovered)} s`,
    milliseconds(highest(run.stretches, ({ relaySeconds }) => relaySeconds)),
    highest(run.stretches, ({ outboxes }) => outboxes).toLocaleString('en'),
    run.tries.toLocaleString('en'),
    String(run.missing.messages + run.missing.copies),
  ];
}

/** Every so many stretches one row. */
export function timeTable(run: Run, every: number): string {
  const { pace } = run.scenario;
  const hasHot = run.stretches.some(({ hot }) => hot.count > 0);
  const head = [
    pace === 0 ? 'second' : 'hour',
    'messages a second',
    'p50',
    'p99',
    'p99.9',
    'file p99',
    'fullest relay',
    'at the fullest writer',
    'in outboxes',
    'devices out',
    ...(hasHot ? ['p99 in the large group'] : []),
  ];
  const shown = run.stretches.filter((_, index) => index % every === every - 1);
  const rows = shown.map((stretch) => [
    pace === 0 ? String(stretch.time) : rough((stretch.time * pace) / 3_600),
    rough(stretch.entered / run.scenario.stretchSeconds),
    ...[0.5, 0.99, 0.999].map((part) => milliseconds(stretch.delivery.percentile(part))),
    milliseconds(stretch.media.percentile(0.99)),
    milliseconds(stretch.relaySeconds),
    String(stretch.groupWaiting),
    stretch.outboxes.toLocaleString('en'),
    stretch.devicesOut.toLocaleString('en'),
    ...(hasHot ? [milliseconds(stretch.hot.percentile(0.99))] : []),
  ]);
  return table(head, rows);
}

/** Runs the load generator on its own core and hands its reports on as they come. */
import { createInterface } from 'node:readline';
import { MeasuredProcess } from '../relays/process.ts';
import { generatorCore } from '../relays/start.ts';
import type { Order, OrderFile, Report } from './generator.ts';

export interface RunningGenerator {
  readonly process: MeasuredProcess;
  /** Resolves with the next report of this kind; rejects when the generator ends before. */
  next<E extends Report['event']>(event: E): Promise<Extract<Report, { event: E }>>;
  /** Writes one line to its standard input. */
  say(line: string): void;
}

export function startGenerator(order: Order & OrderFile): RunningGenerator {
  const process = new MeasuredProcess(generatorCore, ['bench/load/generator.ts', JSON.stringify(order)], 'pipe');
  const waiting: { event: string; resolve: (report: never) => void; reject: (error: Error) => void }[] = [];
  const early: Report[] = [];
  const { stdout, stdin } = process.child;
  if (!stdout || !stdin) throw new Error('The generator has no pipes.');

  createInterface({ input: stdout }).on('line', (line) => {
    const report = JSON.parse(line) as Report;
    const index = waiting.findIndex(({ event }) => event === report.event);
    if (index < 0) early.push(report);
    else waiting.splice(index, 1)[0]?.resolve(report as never);
  });
  process.child.once('exit', (code) => {
    for (const { reject } of waiting) reject(new Error(`The generator ended with ${code}.`));
  });

  return {
    process,
    next: (event) =>
      new Promise((resolve, reject) => {
        const index = early.findIndex((report) => report.event === event);
        const [report] = index < 0 ? [] : early.splice(index, 1);
        if (report) resolve(report as never);
        else waiting.push({ event, resolve, reject });
      }),
    say: (line) => void stdin.write(`${line}\n`),
  };
}

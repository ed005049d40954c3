/** Plays many runs, several side by side, and sums up what struck and what was violated. */
import { makeSchedule, type ScheduleOptions } from './make-schedule.ts';
import { describeFailure, runFolder, runSchedule } from './run-schedule.ts';
import { Tally } from './tally.ts';

export interface ManyRunsOptions {
  readonly schedule: Omit<ScheduleOptions, 'seed'>;
  readonly firstSeed: number;
  /** Runs side by side in this process. */
  readonly lanes: number;
  readonly folder: string;
  /** Whether another run is to begin. */
  readonly goesOn: (so: ManyRunsResult) => boolean;
  readonly say: (line: string) => void;
}

export interface ManyRunsResult {
  readonly tally: Tally;
  runs: number;
  /** Runs that did not even begin, as on a machine that is too busy. */
  notPlayed: number;
  /** Rounds: each a schedule of faults with a check at its end. */
  schedules: number;
  messages: number;
  readonly failures: string[];
  readonly settleMs: number[];
}

/** More failures than this tell nothing new. */
const enoughFailures = 5;

export async function runMany(options: ManyRunsOptions): Promise<ManyRunsResult> {
  const { schedule, lanes, folder, goesOn, say } = options;
  const result: ManyRunsResult = {
    tally: new Tally(),
    runs: 0,
    notPlayed: 0,
    schedules: 0,
    messages: 0,
    failures: [],
    settleMs: [],
  };
  let nextSeed = options.firstSeed;

  async function lane(): Promise<void> {
    while (result.failures.length + result.notPlayed < enoughFailures && goesOn(result)) {
      const planned = makeSchedule({ ...schedule, seed: nextSeed++ });
      result.runs++;
      const played = await runSchedule(planned, runFolder(folder, planned.seed)).catch((error: unknown) => {
        result.notPlayed++;
        say(`seed ${planned.seed} could not be played: ${String(error)}`);
      });
      if (!played) continue;
      result.schedules += played.rounds;
      result.messages += played.messages;
      result.settleMs.push(...played.settleMs);
      result.tally.addAll(played.tally);
      if (played.violations.length > 0) {
        result.failures.push(describeFailure(planned, played));
        say(describeFailure(planned, played));
      } else say(progressOf(result, planned.seed));
    }
  }

  await Promise.all(Array.from({ length: lanes }, lane));
  return result;
}

/** Names of tallies that are connections which the rig broke, and processes which it killed. */
export function disconnects({ tally }: ManyRunsResult): number {
  const names = [
    'cut: open connections broken',
    'cut-all: open connections broken',
    'late: connections broken on one side',
    'lose-answer: answers lost',
  ];
  return names.reduce((sum, name) => sum + tally.of(name), 0);
}

export function kills({ tally }: ManyRunsResult): number {
  const names = [
    'kill -9 of the relay',
    'kill -9 of an engine',
    'kill -9 of an engine while it opened',
    'kill -9 of a node',
    'kill -9 of a NATS server',
    'kill -9 of PostgreSQL',
    'kill -9 of PostgreSQL for good, its replica promoted',
  ];
  const powerCuts = ['power cut of the relay', 'power cut of an engine'];
  return [...names, ...powerCuts].reduce((sum, name) => sum + tally.of(name), 0);
}

function progressOf(result: ManyRunsResult, seed: number): string {
  const { runs, schedules, messages } = result;
  return `seed ${seed} held; ${runs} runs, ${schedules} schedules, ${messages} messages, ${disconnects(result)} disconnects, ${kills(result)} kills`;
}

export function summaryOf(result: ManyRunsResult): string {
  const settled = result.settleMs.toSorted((one, other) => one - other);
  const at = (share: number) => Math.round(settled[Math.floor((settled.length - 1) * share)] ?? 0);
  return [
    `${result.schedules} schedules in ${result.runs} runs (${result.notPlayed} not played), ${result.messages} messages, ${result.failures.length} failures`,
    `${disconnects(result)} forced disconnects, ${kills(result)} kill -9 (power cuts included)`,
    `in sync after the last fault: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`,
    String(result.tally),
  ].join('\n');
}

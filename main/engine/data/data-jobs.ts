/** Runs work on all data, one piece at a time: tells how it goes, stops it when asked, leaves nothing half done. */
import type { DataJob } from '../../../bridge/views.ts';
import { ParleyError } from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { createThrottle } from '../runtime/throttle.ts';
import type { Temporaries } from './temporaries.ts';
import type { JobResult, Work } from './work.ts';

export interface DataJobs {
  /** The present or last one. */
  current(): DataJob | null;
  /** @throws ParleyError `unavailable` while another one runs. */
  begin(job: DataJob['job'], begin: JobStart): void;
  /** Resolves once it is over and what it had written is gone. */
  cancel(): Promise<void>;
}

export interface JobStart {
  readonly run: (work: Work) => Promise<JobResult>;
  /** Aborts when what the work needs goes away: the account is closed here. */
  readonly ended: AbortSignal | null;
  /** Says in words what the work threw. */
  readonly explain: (error: unknown) => unknown;
}

interface JobsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly temporaries: Temporaries;
  readonly onChanged: (job: DataJob) => void;
}

const tellEveryMs = 250;

export function createDataJobs({ clock, log, temporaries, onChanged }: JobsDeps): DataJobs {
  let current: DataJob | null = null;
  let running: { readonly stop: AbortController; readonly over: Promise<void> } | null = null;
  const tell = createThrottle(clock, tellEveryMs, () => {
    if (current) onChanged(current);
  });

  async function run(job: DataJob['job'], { run: work, ended, explain }: JobStart, stop: AbortController) {
    const signal = ended ? AbortSignal.any([stop.signal, ended]) : stop.signal;
    let left: Pick<DataJob, 'state' | 'result' | 'failure'>;
    try {
      await temporaries.clean();
      const result = await work({
        signal,
        temporary: (path) => temporaries.add(path),
        progress(done, total) {
          if (current?.state !== 'running') return;
          current = { ...current, done, total };
          tell.trigger();
        },
      });
      left = { state: 'done', result, failure: null };
    } catch (error) {
      left = stop.signal.aborted
        ? cancelled
        : { state: 'failed', result: null, failure: faultOf(error, ended, explain) };
      if (left.state === 'failed') log.warn('data.failed', { job, code: left.failure?.code }, error);
    }
    await temporaries.clean().catch((error: unknown) => log.warn('data.not_cleaned', {}, error));
    running = null;
    current = { job, done: current?.done ?? 0, total: current?.total ?? 0, ...left };
    tell.cancel();
    onChanged(current);
  }

  return {
    current: () => current,
    begin(job, start) {
      if (running) throw busy();
      const stop = new AbortController();
      current = { job, state: 'running', done: 0, total: 0, result: null, failure: null };
      log.info('data.began', { job });
      running = { stop, over: run(job, start, stop) };
      onChanged(current);
    },
    async cancel() {
      const stopped = running;
      stopped?.stop.abort();
      await stopped?.over;
    },
  };
}

const cancelled = { state: 'cancelled', result: null, failure: null } as const;

function faultOf(error: unknown, ended: AbortSignal | null, explain: JobStart['explain']): DataJob['failure'] {
  const { code, message } = ended?.aborted ? accountClosed() : known(explain(error));
  return { code, message };
}

function known(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  return new ParleyError('internal', {
    message: 'Something went wrong inside Parley, and nothing was changed. Try again; if it stays, look at its log.',
    cause: error,
  });
}

function busy(): ParleyError {
  return new ParleyError('unavailable', {
    message: 'Parley is still at work on your data. Wait until that is done, or cancel it first.',
  });
}

function accountClosed(): ParleyError {
  return new ParleyError('unavailable', {
    message:
      'It was not finished, because you were logged out or the history was set up again meanwhile. Log in and begin again.',
  });
}

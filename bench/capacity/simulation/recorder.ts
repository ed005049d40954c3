/** What a run shows: latencies and queues, one row for each stretch of time. */
import { createHistogram, type Histogram } from './histogram.ts';

export interface Queues {
  /** Jobs at the fullest relay, and how many seconds of work they are. */
  readonly relayJobs: number;
  readonly relaySeconds: number;
  /** Messages that wait for the next group at the fullest writer. */
  readonly groupWaiting: number;
  /** Messages in the outboxes of senders, refused or without a connection. */
  readonly outboxes: number;
  /** Devices that want to be connected and are not. */
  readonly devicesOut: number;
}

export interface Stretch extends Queues {
  /** When it ends, in seconds. */
  readonly time: number;
  readonly entered: number;
  /** From typed until on another device's socket, but for the conversation that everybody writes to. */
  readonly delivery: Histogram;
  /** The same, for that conversation. */
  readonly hot: Histogram;
  /** Files, from the first byte to the last. */
  readonly media: Histogram;
}

export interface Recorder {
  entered(): void;
  delivered(seconds: number, times: number, isHot: boolean): void;
  transferred(seconds: number): void;
  /** Ends a stretch. The queues are the longest that were seen in it. */
  close(time: number): void;
  see(queues: Queues): void;
  readonly stretches: readonly Stretch[];
}

const none: Queues = { relayJobs: 0, relaySeconds: 0, groupWaiting: 0, outboxes: 0, devicesOut: 0 };

function longest(a: Queues, b: Queues): Queues {
  return {
    relayJobs: Math.max(a.relayJobs, b.relayJobs),
    relaySeconds: Math.max(a.relaySeconds, b.relaySeconds),
    groupWaiting: Math.max(a.groupWaiting, b.groupWaiting),
    outboxes: Math.max(a.outboxes, b.outboxes),
    devicesOut: Math.max(a.devicesOut, b.devicesOut),
  };
}

export function createRecorder(): Recorder {
  const stretches: Stretch[] = [];
  let queues = none;
  let entered = 0;
  let delivery = createHistogram();
  let hot = createHistogram();
  let media = createHistogram();
  return {
    entered: () => void entered++,
    delivered: (seconds, times, isHot) => (isHot ? hot : delivery).add(seconds, times),
    transferred: (seconds) => media.add(seconds),
    see(seen) {
      queues = longest(queues, seen);
    },
    close(time) {
      stretches.push({ ...queues, time, entered, delivery, hot, media });
      [queues, entered] = [none, 0];
      [delivery, hot, media] = [createHistogram(), createHistogram(), createHistogram()];
    },
    stretches,
  };
}

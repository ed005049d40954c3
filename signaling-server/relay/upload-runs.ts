/** Lets one connection at a time add to an upload, and takes over from one that has died without a word. */
import type { Readable } from 'node:stream';
import { ParleyError } from '../../protocol/index.ts';

/** Bytes of an upload as they come in from a device. */
export interface IncomingBytes {
  readonly stream: Readable;
  /** Bytes that came from the device so far, by any measure that grows. */
  received(): number;
  /** Ends the connection. */
  cut(): void;
}

interface Run {
  readonly source: IncomingBytes;
  readonly ended: Promise<void>;
}

/** A device that comes back after a cut is there sooner than the relay hears of the cut. */
const defaultSilenceMs = 3_000;

export class UploadRuns {
  readonly #runs = new Map<string, Run>();
  readonly #silenceMs: number;

  constructor(silenceMs = defaultSilenceMs) {
    this.#silenceMs = silenceMs;
  }

  has(key: string): boolean {
    return this.#runs.has(key);
  }

  /** Waits for its turn, then works. @throws ParleyError `blob_offset` while another connection makes progress. */
  async run<T>(key: string, source: IncomingBytes, work: () => Promise<T>): Promise<T> {
    for (let other = this.#runs.get(key); other; other = this.#runs.get(key)) await this.#outlast(other);
    const working = work();
    const ended = working.then(
      () => {},
      () => {},
    );
    this.#runs.set(key, { source, ended });
    try {
      return await working;
    } finally {
      this.#runs.delete(key);
    }
  }

  /** Ends a run, if there is one; what came of it is kept. */
  async stop(key: string): Promise<void> {
    const run = this.#runs.get(key);
    run?.source.cut();
    await run?.ended;
  }

  async #outlast({ source, ended }: Run): Promise<void> {
    const before = source.received();
    if (await endsWithin(ended, this.#silenceMs)) return;
    if (source.received() > before) throw busy();
    source.cut();
    await ended;
  }
}

function endsWithin(ended: Promise<void>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void ended.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

function busy(): ParleyError {
  return new ParleyError('blob_offset', {
    message: 'Another of your devices is sending this file right now. Ask again in a moment where it stands.',
    retryAfterMs: 2_000,
  });
}

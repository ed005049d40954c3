/** Sends the frames of one connection, one awaited at a time: short ones first, bulk as the connection takes it. */

export interface FrameWriter {
  /** Queues a short frame. */
  say(frame: Uint8Array): void;
  /** There may be bulk to send. */
  wake(): void;
  stop(): void;
}

export interface BulkFrame {
  readonly frame: Uint8Array;
  /** Whether it may arrive before frames sent earlier, or after later ones. */
  readonly anyOrder: boolean;
}

export interface FrameWriterDeps {
  /** Resolves when there is room for the next frame. */
  readonly send: (frame: Uint8Array, anyOrder: boolean) => Promise<void>;
  /** The next bulk frame; null when there is none for now. */
  readonly nextBulk: () => Promise<BulkFrame | null>;
  /** Sending failed, or the other side lets answers pile up: the connection is to be closed. */
  readonly onFailed: (error: unknown) => void;
}

/** Nobody who reads lets so many short frames wait. */
const mostWaiting = 4_096;

export function createFrameWriter({ send, nextBulk, onFailed }: FrameWriterDeps): FrameWriter {
  const short: Uint8Array[] = [];
  /** Read while the frame before it is under way. */
  let ahead: Promise<BulkFrame | null> | null = null;
  let running = false;
  let stopped = false;
  let woken = false;

  async function takeBulk(): Promise<BulkFrame | null> {
    const early = ahead;
    ahead = null;
    return (await early) ?? (await nextBulk());
  }

  async function write(): Promise<void> {
    running = true;
    try {
      do {
        woken = false;
        for (;;) {
          const brief = short.shift();
          const next = brief ? { frame: brief, anyOrder: false } : await takeBulk();
          if (!next || stopped) break;
          const sending = send(next.frame, next.anyOrder);
          ahead ??= nextBulk();
          // Its failure comes up when it is taken; a connection that ends first never takes it.
          ahead.catch(() => {});
          await sending;
        }
      } while (!stopped && (woken || short.length > 0));
    } catch (error) {
      if (!stopped) onFailed(error);
    } finally {
      running = false;
    }
  }

  function wake(): void {
    woken = true;
    if (!running && !stopped) void write();
  }

  return {
    say(frame) {
      if (stopped) return;
      if (short.length >= mostWaiting) return onFailed(new Error('The other device does not read.'));
      short.push(frame);
      wake();
    },
    wake,
    stop() {
      stopped = true;
      short.length = 0;
    },
  };
}

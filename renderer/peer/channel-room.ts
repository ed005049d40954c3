/**
 * Holds senders back while the buffers of all channels are full. simple-peer waits at 64 KiB, which starves a fast link, and
 * its `send` queues until it throws at 16 MiB; so its private channel is watched here, and nowhere else.
 */
/** Measured best over loopback: less leaves the channel idle between turns, more only adds delay. */
const watermarks = { high: 1024 * 1024, low: 256 * 1024 } as const;

export interface ChannelRoom {
  /** One more channel, of a peer that is connected. */
  add(channel: WatchedChannel): void;
  /** Resolves when one of the channels has room for more; at once where a buffer is under the high mark. Rejects once closed. */
  wait(): Promise<void>;
  /** @param error for those who wait. */
  close(error: Error): void;
}

export function createChannelRoom(): ChannelRoom {
  const channels: WatchedChannel[] = [];
  const waiting = new Set<{ resolve: () => void; reject: (error: Error) => void }>();
  let closed: Error | null = null;

  function letGo(): void {
    for (const { resolve } of waiting) resolve();
    waiting.clear();
  }

  return {
    add(channel) {
      channel.bufferedAmountLowThreshold = watermarks.low;
      channel.addEventListener('bufferedamountlow', letGo);
      channels.push(channel);
      letGo();
    },
    wait: () =>
      new Promise((resolve, reject) => {
        if (closed) reject(closed);
        else if (channels.some(({ bufferedAmount }) => bufferedAmount <= watermarks.high)) resolve();
        else waiting.add({ resolve, reject });
      }),
    close(error) {
      closed = error;
      for (const { reject } of waiting) reject(error);
      waiting.clear();
    },
  };
}

/** The part of an `RTCDataChannel` that is used. */
export interface WatchedChannel {
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  addEventListener(type: 'bufferedamountlow', listener: () => void): void;
}

/** @returns null before there is one and after the end. */
export function channelOf(peer: { readonly _channel: WatchedChannel | null }): WatchedChannel | null {
  return peer._channel;
}

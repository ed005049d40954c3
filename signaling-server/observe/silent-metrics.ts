/** Metrics for commands that run for a moment and are never asked. */
import type { RelayMetrics } from '../ports/metrics.ts';

const nothing = (): void => {};

export const silentMetrics: RelayMetrics = {
  socketOpened: nothing,
  socketClosed: nothing,
  sessionOpened: nothing,
  frameReceived: nothing,
  frameRefused: nothing,
  messagesAccepted: nothing,
  messagesDelivered: nothing,
  committed: nothing,
  sessionLagging: nothing,
  blobPublished: nothing,
  blobBytesIn: nothing,
  blobBytesOut: nothing,
  blobRefused: nothing,
  gauge: nothing,
};

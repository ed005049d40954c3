/** What lies in the object storage after some years: cold history and files. */
import type { Inputs } from './inputs.ts';
import type { Traffic } from './traffic.ts';

const daysPerYear = 365;

export interface Storage {
  /** At the end of that year. */
  readonly year: number;
  readonly coldBytes: number;
  readonly coldObjects: number;
  readonly mediaBytes: number;
  readonly mediaObjects: number;
}

/** Bytes of files that go by way of the relay, a day. */
export function relayedMediaPerDay({ users, given }: Inputs): number {
  return users * given.messagesPerUserPerDay * given.mediaShare * given.mediaBytes * (1 - given.directShare);
}

/** @param year from 1; the load is that of a full year from the first day on. */
export function storageAfter(inputs: Inputs, traffic: Traffic, year: number): Storage {
  const { cost, given } = inputs;
  const coldDays = Math.max(0, Math.min(year, given.keepYears) * daysPerYear - given.hotDays);
  const coldEntries = traffic.entriesPerDay * coldDays;
  const mediaDays = Math.min(year, given.mediaKeepYears) * daysPerYear;
  const mediaBytes = relayedMediaPerDay(inputs) * mediaDays;
  return {
    year,
    coldBytes: coldEntries * (traffic.payloadBytes + cost.coldEntryBytes),
    coldObjects: coldEntries / given.segmentEntries,
    mediaBytes,
    mediaObjects: mediaBytes / given.mediaBytes,
  };
}

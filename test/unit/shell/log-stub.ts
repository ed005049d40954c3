/** A log that keeps what it is told, for tests to look at. */
import type { Log, LogFields } from '../../../main/log.ts';

export interface LoggedEvent {
  readonly event: string;
  readonly fields: LogFields;
}

export function createLogStub(): Log & { readonly events: LoggedEvent[] } {
  const events: LoggedEvent[] = [];
  const keep = (event: string, fields: LogFields = {}): void => void events.push({ event, fields });
  return { events, info: keep, warn: keep, error: keep };
}

/** What happens to the fleet and its bill when one assumption is another. */
import type { Assumptions } from './assumptions.ts';
import type { Constants } from './constants.ts';
import { inputsFor } from './inputs.ts';
import { capacityOf, type Capacity } from './model.ts';

export interface Variant {
  readonly what: string;
  readonly changed: Partial<Assumptions> & Partial<Constants>;
}

export const variants: readonly Variant[] = [
  { what: 'as assumed', changed: {} },
  { what: 'peak 5 × the mean, not 3 ×', changed: { peakFactor: 5 } },
  { what: '20 % media, not 10 %', changed: { mediaShare: 0.2 } },
  { what: '5 devices a user, not 2', changed: { devicesPerUser: 5 } },
  { what: 'nothing goes directly, as files below 1 MiB do today', changed: { directShare: 0 } },
  { what: 'files kept for 90 days, not 5 years', changed: { mediaKeepYears: 90 / 365 } },
  { what: '7 days hot, not 30', changed: { hotDays: 7 } },
  { what: '70 % of devices connected, not 40 %', changed: { connectedShare: 0.7 } },
  { what: 'cursors pushed in groups of 30, too', changed: { receiptMembers: 30 } },
  { what: 'cursors pushed in all groups', changed: { receiptMembers: 1_000 } },
  { what: 'groups gathered for 10 ms more', changed: { dbCommitMs: 12 } },
  { what: 'presence asked for a quarter as often', changed: { watchesPerDevice: 10 } },
  { what: 'heartbeats each 12 s, not each 10 min', changed: { heartbeatSeconds: 12 } },
  { what: 'all CPU constants of relay and database twice as high', changed: doubled() },
];

function doubled(): Partial<Constants> {
  const { cost } = inputsFor(1);
  return {
    relayAcceptMicros: cost.relayAcceptMicros * 2,
    relayGroupMicros: cost.relayGroupMicros * 2,
    relayPublishMicros: cost.relayPublishMicros * 2,
    relayHearMicros: cost.relayHearMicros * 2,
    relayWriteMicros: cost.relayWriteMicros * 2,
    relayPingMicros: cost.relayPingMicros * 2,
    relayHandshakeMicros: cost.relayHandshakeMicros * 2,
    relayCursorMicros: cost.relayCursorMicros * 2,
    dbGroupMicros: cost.dbGroupMicros * 2,
    dbMessageMicros: cost.dbMessageMicros * 2,
    dbCursorMicros: cost.dbCursorMicros * 2,
    dbSyncMicros: cost.dbSyncMicros * 2,
  };
}

/** @param base other constants than the built-in ones. */
export function sensitivityAt(users: number, base: Variant['changed'] = {}): { what: string; capacity: Capacity }[] {
  return variants.map(({ what, changed }) => ({
    what,
    capacity: capacityOf(inputsFor(users, { ...base, ...changed })),
  }));
}

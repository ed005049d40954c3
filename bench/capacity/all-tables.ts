/** All tables of docs/capacity.md that the formulas give, by name. */
import { assumptions } from './assumptions.ts';
import { constants, type Constant } from './constants.ts';
import { inputsFor, sizes } from './inputs.ts';
import { capacityOf } from './model.ts';
import type { Overrides } from './overrides.ts';
import type { PageTables } from './page.ts';
import { spreadOf } from './spread.ts';
import {
  bandwidthTable,
  billTable,
  cpuTable,
  fleetTable,
  littleTable,
  sensitivityTable,
  spreadTable,
  storageTable,
  trafficTable,
  wallsTable,
} from './tables.ts';
import { table } from './words.ts';

const draws = 2_000;
const seed = 20_261_123;
const largest = 5e8;
const shortMediaYears = 90 / 365;

export function modelTables(changed: Overrides = {}): PageTables {
  const all = sizes.map((users) => capacityOf(inputsFor(users, changed)));
  const short = sizes.map((users) => capacityOf(inputsFor(users, { ...changed, mediaKeepYears: shortMediaYears })));
  const greatest = capacityOf(inputsFor(largest, changed));
  const spreads = spreadOf(
    largest,
    {
      relays: ({ relays }) => relays.count,
      relayCores: ({ relays }) => relays.cores,
      natsServers: ({ bus }) => bus.servers,
      databaseServers: ({ database }) => database.servers,
      objectBytes: ({ storage }) => storage.coldBytes + storage.mediaBytes,
      peakOutBytes: ({ bandwidth }) => bandwidth.peakOut,
      bill: ({ bill }) => bill.total,
      billWithoutMedia: ({ bill }) => bill.total - bill.mediaStored - bill.mediaEgress,
    },
    { draws, seed, fixed: changed },
  );
  return {
    constants: constantsTable(changed),
    assumptions: assumptionsTable(changed),
    traffic: trafficTable(all),
    fleet: fleetTable(all),
    'relay-cpu': cpuTable(greatest),
    storage: storageTable(all),
    bandwidth: bandwidthTable(all),
    walls: wallsTable(all),
    bill: billTable(all, short),
    sensitivity: sensitivityTable(largest, changed),
    little: littleTable(greatest),
    spread: spreadTable(spreads, greatest),
  };
}

const range = ({ low, high }: { low: number; high: number }): string =>
  low === high ? '' : `${low.toLocaleString('en')} to ${high.toLocaleString('en')}`;

function constantsTable(changed: Overrides): string {
  const rows = Object.entries<Constant>(constants).map(([name, constant]) => [
    `\`${name}\``,
    (valueIn(changed, name) ?? constant.value).toLocaleString('en'),
    range(constant),
    constant.unit,
    constant.basis === 'measured' ? 'measured' : '*provisional*',
    `${constant.how} ([written down](${constant.where}))`,
  ]);
  return table(['constant', 'value', 'range', 'unit', 'basis', 'how'], rows);
}

function assumptionsTable(changed: Overrides): string {
  const rows = Object.entries(assumptions).map(([name, { value, low, high, unit, why }]) => [
    `\`${name}\``,
    (valueIn(changed, name) ?? value).toLocaleString('en', { maximumFractionDigits: 4 }),
    range({ low, high }),
    unit,
    why,
  ]);
  return table(['assumption', 'value', 'range', 'unit', 'why'], rows);
}

function valueIn(changed: Overrides, name: string): number | undefined {
  return Object.entries(changed).find(([each]) => each === name)?.[1];
}

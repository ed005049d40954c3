/** The model's tables, as Markdown. */
import type { Capacity } from './model.ts';
import { littleChecks } from './little.ts';
import { sensitivityAt } from './sensitivity.ts';
import type { Spread } from './spread.ts';
import { storageAfter } from './storage.ts';
import { largestFleet, wallsOf } from './walls.ts';
import { big, bitRate, bytes, count, dollars, millions, percent, rough, table } from './words.ts';

type Cell = (capacity: Capacity) => string;
type Row = readonly [string, Cell];

/** One column a size. */
function bySize(all: readonly Capacity[], rows: readonly Row[], first = ''): string {
  const head = [first, ...all.map(({ inputs }) => `${millions(inputs.users)} users`)];
  return table(
    head,
    rows.map(([what, cell]) => [what, ...all.map(cell)]),
  );
}

export function trafficTable(all: readonly Capacity[]): string {
  return bySize(all, [
    ['log entries a day', ({ traffic }) => big(traffic.entriesPerDay)],
    ['log entries a second, peak', ({ traffic }) => big(traffic.entries)],
    ['connected devices, peak', ({ traffic }) => big(traffic.connections)],
    ['envelopes delivered a second, peak', ({ traffic }) => big(traffic.deliveries)],
    ['cursor moves a second, peak', ({ traffic }) => big(traffic.cursorMoves)],
    ['messages of a relay that share a commit', ({ relays }) => rough(relays.groups.entriesPerGroup)],
    ['heartbeats a second, peak', ({ traffic }) => big(traffic.pings)],
    ['signs of life asked for a second, peak', ({ traffic }) => big(traffic.asks)],
    ['looks of the systems at quiet links a second', ({ traffic }) => big(traffic.looks)],
    ['reconnects a second, peak', ({ traffic }) => big(traffic.reconnects)],
    ['presence changes told a second, peak', ({ traffic }) => big(traffic.presenceTold)],
  ]);
}

export function fleetTable(all: readonly Capacity[]): string {
  return bySize(all, [
    ['relays (processes of one core)', ({ relays }) => count(relays.count)],
    ['— asked for by CPU', ({ relays }) => count(relays.byCpu)],
    ['— by connections', ({ relays }) => count(relays.byConnections)],
    ['— by taking in a lost domain', ({ relays }) => count(relays.byStorm)],
    ['relay cores busy at the peak', ({ relays }) => rough(relays.cores)],
    ['relay memory', ({ relays }) => bytes(relays.memoryGib * 2 ** 30)],
    ['NATS servers (in clusters of 3)', ({ bus }) => count(bus.servers)],
    ['— clusters asked for by CPU', ({ bus }) => count(bus.byCpu)],
    ['— by memory for interest', ({ bus }) => count(bus.byInterest)],
    ['NATS messages in + out a second', ({ bus }) => `${big(bus.messagesIn)} + ${big(bus.messagesOut)}`],
    ['database shards, of 3 copies', ({ database }) => count(database.shards)],
    ['— asked for by CPU', ({ database }) => count(database.byCpu)],
    ['— by disk', ({ database }) => count(database.byDisk)],
    ['— by restoring in time', ({ database }) => count(database.byRestore)],
    ['database servers', ({ database }) => count(database.servers)],
    ['balancers', ({ balancers }) => count(balancers)],
  ]);
}

export function cpuTable(capacity: Capacity): string {
  const rows = capacity.relays.cpu.map(({ what, cores }) => [
    what,
    rough(cores),
    percent(cores / capacity.relays.cores),
  ]);
  return table(['relay CPU goes into', 'cores at the peak', 'of all'], rows);
}

export function storageTable(all: readonly Capacity[]): string {
  const after =
    (year: number): Cell =>
    ({ inputs, traffic }) => {
      const { coldBytes, mediaBytes } = storageAfter(inputs, traffic, year);
      return `${bytes(coldBytes)} + ${bytes(mediaBytes)}`;
    };
  return bySize(all, [
    ['database, hot days, one copy', ({ database }) => bytes(database.hotBytes)],
    ['database, users and memberships, one copy', ({ database }) => bytes(database.userBytes)],
    ['database, old but too few to be sealed, one copy', ({ database }) => bytes(database.tailBytes)],
    ['database, catalogue of 5 years of segments, one copy', ({ database }) => bytes(database.catalogueBytes)],
    ['database, all copies', ({ database, inputs }) => bytes(database.bytes * inputs.given.replicas)],
    ['object storage after 1 year: history + files', after(1)],
    ['after 2 years', after(2)],
    ['after 3 years', after(3)],
    ['after 5 years', after(5)],
    [
      'objects after 5 years: segments + files',
      ({ storage }) => `${big(storage.coldObjects)} + ${big(storage.mediaObjects)}`,
    ],
  ]);
}

export function bandwidthTable(all: readonly Capacity[]): string {
  const kinds = all[0]?.bandwidth.flows.map(({ what }) => what) ?? [];
  const flow =
    (index: number): Cell =>
    ({ bandwidth }) => {
      const found = bandwidth.flows[index];
      return found ? `${bitRate(found.in)} / ${bitRate(found.out)}` : '';
    };
  return bySize(
    all,
    [
      ...kinds.map((what, index): Row => [what, flow(index)]),
      ['all', ({ bandwidth }) => `${bitRate(bandwidth.peakIn)} / ${bitRate(bandwidth.peakOut)}`],
      ['out a day', ({ bandwidth }) => bytes(bandwidth.outPerDay)],
      ['— files of it', ({ bandwidth }) => percent(bandwidth.mediaOutPerDay / bandwidth.outPerDay)],
      ['between domains inside, a day', ({ bandwidth }) => bytes(bandwidth.insidePerDay)],
    ],
    'in / out at the peak',
  );
}

export function billTable(all: readonly Capacity[], short: readonly Capacity[]): string {
  const line = (what: string, of: (capacity: Capacity) => number): Row => [what, (capacity) => dollars(of(capacity))];
  const main = bySize(all, [
    line('relays', ({ bill }) => bill.relays),
    line('balancers', ({ bill }) => bill.balancers),
    line('bus', ({ bill }) => bill.bus),
    line('database', ({ bill }) => bill.database),
    line('cold history', ({ bill }) => bill.coldHistory),
    line('files stored', ({ bill }) => bill.mediaStored),
    line('files out', ({ bill }) => bill.mediaEgress),
    line('all else out', ({ bill }) => bill.otherEgress),
    line('between domains', ({ bill }) => bill.inside),
    line('**the fifth year**', ({ bill }) => bill.total),
    line('a user and year', ({ bill, inputs }) => bill.total / inputs.users),
  ]);
  const rest = ['the fifth year with files kept for 90 days', ...short.map(({ bill }) => dollars(bill.total))];
  return `${main}\n| ${rest.join(' | ')} |`;
}

export type SpreadName =
  | 'relays'
  | 'relayCores'
  | 'natsServers'
  | 'databaseServers'
  | 'objectBytes'
  | 'peakOutBytes'
  | 'bill'
  | 'billWithoutMedia';

/** What eight of ten draws of all numbers give, beside the central estimate. */
export function spreadTable(spreads: Readonly<Record<SpreadName, Spread>>, central: Capacity): string {
  const { relays, bus, database, storage, bandwidth, bill } = central;
  const row = (what: string, name: SpreadName, value: number, say: (value: number) => string): string[] => {
    const { p10, p50, p90 } = spreads[name];
    return [what, say(value), say(p10), say(p50), say(p90), `${rough(p90 / p10)} ×`];
  };
  return table(
    ['at 500 M users', 'central', '1 in 10 below', 'middle', '1 in 10 above', 'from low to high'],
    [
      row('relays', 'relays', relays.count, count),
      row('relay cores busy', 'relayCores', relays.cores, rough),
      row('NATS servers', 'natsServers', bus.servers, count),
      row('database servers', 'databaseServers', database.servers, count),
      row('object storage', 'objectBytes', storage.coldBytes + storage.mediaBytes, bytes),
      row('out at the peak', 'peakOutBytes', bandwidth.peakOut, bitRate),
      row('the fifth year', 'bill', bill.total, dollars),
      row('the same without files', 'billWithoutMedia', bill.total - bill.mediaStored - bill.mediaEgress, dollars),
    ],
  );
}

export function wallsTable(all: readonly Capacity[]): string {
  const names = all[0] ? wallsOf(all[0]).map(({ what }) => what) : [];
  const use =
    (index: number): Cell =>
    (capacity) => {
      const found = wallsOf(capacity)[index]?.use ?? 0;
      return found >= 1 ? `**${big(found)} ×**` : `${rough(found)} ×`;
    };
  return bySize(all, [
    ...names.map((what, index): Row => [what, use(index)]),
    ['cells asked for', (capacity) => count(Math.max(1, capacity.inputs.users / largestFleet(capacity)))],
  ]);
}

export function sensitivityTable(users: number, base: Parameters<typeof sensitivityAt>[1]): string {
  const rows = sensitivityAt(users, base).map(({ what, capacity }) => [
    what,
    count(capacity.relays.count),
    rough(capacity.relays.cores),
    count(capacity.bus.servers),
    count(capacity.database.servers),
    bytes(capacity.storage.coldBytes + capacity.storage.mediaBytes),
    bitRate(capacity.bandwidth.peakOut),
    dollars(capacity.bill.total),
  ]);
  const head = [
    '',
    'relays',
    'relay cores busy',
    'NATS servers',
    'database servers',
    'object storage',
    'out, peak',
    'a year',
  ];
  return table(head, rows);
}

export function littleTable(capacity: Capacity): string {
  const rows = littleChecks(capacity).map(({ what, perSecond, seconds, inside, room }) => [
    what,
    big(perSecond),
    seconds >= 1 ? `${rough(seconds)} s` : `${rough(seconds * 1e3)} ms`,
    rough(inside),
    rough(room),
  ]);
  return table(['', 'a second', 'stays', 'inside', 'room'], rows);
}

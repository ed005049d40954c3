/** The capacity model's formulas, against sums made by hand. */
import { describe, expect, it } from 'vitest';
import { assumptions } from '../../../bench/capacity/assumptions.ts';
import { bandwidthOf, fetchesPerFile } from '../../../bench/capacity/bandwidth.ts';
import { busOf } from '../../../bench/capacity/bus.ts';
import { constants } from '../../../bench/capacity/constants.ts';
import { databaseOf } from '../../../bench/capacity/database.ts';
import { groupsOf } from '../../../bench/capacity/groups.ts';
import { inputsFor, sizes, type Inputs } from '../../../bench/capacity/inputs.ts';
import { littleChecks } from '../../../bench/capacity/little.ts';
import { capacityOf } from '../../../bench/capacity/model.ts';
import { parseOverrides } from '../../../bench/capacity/overrides.ts';
import { relaysOf } from '../../../bench/capacity/relays.ts';
import { draw, spreadOf } from '../../../bench/capacity/spread.ts';
import { relayedMediaPerDay, storageAfter } from '../../../bench/capacity/storage.ts';
import { devicesReached, meanPayload, trafficOf } from '../../../bench/capacity/traffic.ts';
import { conversationCeiling, largestFleet, wallsOf } from '../../../bench/capacity/walls.ts';
import { big, bitRate, count, dollars, rough } from '../../../bench/capacity/words.ts';

/** Everybody writes to one other person, and everything is a round number. */
function plain(changed: Parameters<typeof inputsFor>[1] = {}, users = 864_000): Inputs {
  const base = inputsFor(users, {
    messagesPerUserPerDay: 100,
    entriesPerMessage: 1,
    peakFactor: 2,
    devicesPerUser: 2,
    connectedShare: 0.5,
    mediaShare: 0.1,
    mediaBytes: 500_000,
    directShare: 0.6,
    textBytes: 300,
    mediaPayloadBytes: 5_300,
    reconnectsPerDevice: 10,
    cursorsPerDelivery: 0.5,
    receiptMembers: 2,
    failureDomains: 3,
    busiest: 0.75,
    ...changed,
  });
  return { ...base, classes: [{ name: 'direct', members: 2, share: 1 }] };
}

describe('traffic', () => {
  it('864,000 people with 100 messages a day and a peak of twice the mean send 2,000 a second', () => {
    const traffic = trafficOf(plain());
    expect(traffic.entriesPerDay).toBe(86_400_000);
    expect(traffic.entries).toBeCloseTo(2_000, 6);
  });

  it('of the three other devices of two people half are connected', () => {
    expect(devicesReached(2, plain())).toBe(1.5);
    const traffic = trafficOf(plain());
    expect(traffic.deliveries).toBeCloseTo(3_000, 6);
    expect(traffic.cursorMoves).toBeCloseTo(1_500, 6);
    expect(traffic.cursorNotes).toBeCloseTo(3_000, 6);
    expect(traffic.cursorDeliveries).toBeCloseTo(2_250, 6);
  });

  it('connections, heartbeats and reconnects follow from the devices', () => {
    const traffic = trafficOf(plain({ heartbeatSeconds: 600 }));
    expect(traffic.connections).toBe(864_000);
    expect(traffic.pings).toBe(1_440);
    expect(traffic.reconnects).toBeCloseTo(400, 6);
  });

  it('where heartbeats are rare, links are asked after a burst and the systems look at them from both ends', () => {
    const changed = { presencePerUser: 10, watchersPerUser: 3, watchesPerDevice: 10, toldTogether: 4 };
    const traffic = trafficOf(plain({ ...changed, heartbeatSeconds: 600 }));
    // 3,000 delivered, 2,250 cursors, 600 of presence, 2,000 stored, 400 looks: 8,250 things told a second.
    expect(traffic.asks).toBeCloseTo(864_000 / (12 + (4 * 864_000) / 8_250), 6);
    expect(traffic.looks).toBe((864_000 * 2) / 15);
  });

  it('heartbeats each 12 s come before either', () => {
    const traffic = trafficOf(plain({ heartbeatSeconds: 12 }));
    expect([traffic.pings, traffic.asks, traffic.looks]).toEqual([72_000, 0, 0]);
  });

  it('one payload in ten with a thumbnail makes the mean 800 bytes', () => {
    expect(meanPayload(plain())).toBeCloseTo(800, 6);
  });

  it('cursors of groups beyond the limit are not pushed', () => {
    const group = { ...plain(), classes: [{ name: 'group', members: 3, share: 1 }] };
    expect(trafficOf(group).cursorNotes).toBe(0);
    expect(trafficOf(group).cursorMoves).toBeGreaterThan(0);
  });
});

describe('groups', () => {
  it('are one message and those that come during a commit at one relay', () => {
    const inputs = plain({ dbCommitMs: 20 });
    const { entriesPerGroup, cursorsPerGroup, perSecond } = groupsOf(inputs, trafficOf(inputs), 10);
    expect(entriesPerGroup).toBeCloseTo(1 + 200 * 0.02, 6);
    expect(cursorsPerGroup).toBeCloseTo(1 + 150 * 0.02, 6);
    expect(perSecond).toBeCloseTo(2_000 / entriesPerGroup + 1_500 / cursorsPerGroup, 6);
  });

  it('grow with the time of a commit, and cost less CPU the larger they are', () => {
    const [quick, slow] = [
      capacityOf(inputsFor(1e7, { dbCommitMs: 1 })),
      capacityOf(inputsFor(1e7, { dbCommitMs: 30 })),
    ];
    expect(slow.database.cores).toBeLessThan(quick.database.cores);
    expect(slow.relays.cores).toBeLessThan(quick.relays.cores);
  });
});

describe('relays', () => {
  it('CPU is the sum of what each kind of work takes', () => {
    const inputs = plain({
      relayAcceptMicros: 50,
      relayPingMicros: 10,
      relayHandshakeMicros: 500,
      heartbeatSeconds: 12,
    });
    const shares = new Map(relaysOf(inputs, trafficOf(inputs)).cpu.map(({ what, cores }) => [what, cores]));
    expect(shares.get('accept')).toBeCloseTo(0.1, 9);
    expect(shares.get('heartbeats')).toBeCloseTo(0.72, 9);
    expect(shares.get('reconnects')).toBeCloseTo(0.2, 9);
  });

  it('864,000 connections at 100,000 a relay with a third gone ask for 13 relays', () => {
    const inputs = plain({ relayConnections: 100_000 });
    expect(relaysOf(inputs, trafficOf(inputs)).byConnections).toBe(13);
  });

  it('their number is the one at which groups among so many relays cost what asks for so many', () => {
    const { relays, traffic, inputs } = capacityOf(inputsFor(1e8));
    const among = groupsOf(inputs, traffic, relays.count);
    expect(relays.groups.entriesPerGroup / among.entriesPerGroup).toBeCloseTo(1, 3);
    expect(relays.groups.perSecond / among.perSecond).toBeCloseTo(1, 3);
  });

  it('what is left after a lost domain stays below the CPU that is allowed', () => {
    for (const users of sizes) {
      const { relays, inputs } = capacityOf(inputsFor(users));
      const left = (relays.count * 2) / 3;
      expect(relays.cores / left).toBeLessThanOrEqual(inputs.given.busiest);
    }
  });

  it('those of a lost domain are taken in within the time that is set', () => {
    const { relays, traffic, inputs } = capacityOf(inputsFor(1e7));
    const work = ((traffic.connections / 3) * inputs.cost.relayHandshakeMicros) / 1e6;
    const spare = ((relays.count * 2) / 3) * inputs.given.busiest - relays.cores;
    expect(work / spare).toBeLessThanOrEqual(inputs.given.stormSeconds);
  });
});

describe('bus, database and storage', () => {
  it('interest is a subject a device, one a user there, and one for each person looked at', () => {
    const inputs = plain({ watchedPerDevice: 8, natsInterestBytes: 1_024 });
    const bus = busOf(inputs, trafficOf(inputs));
    expect(bus.interestGib).toBeCloseTo((864_000 * 10 * 1_024) / 2 ** 30, 9);
    expect(bus.servers % 3).toBe(0);
  });

  it('the bus carries a note a member, cursors, presence, and an ask with its answer', () => {
    const presence = { watchesPerDevice: 10, watchedPerDevice: 8, presencePerUser: 10, watchersPerUser: 3 };
    const inputs = plain({ ...presence, natsInMicros: 1, natsOutMicros: 2, natsSubscribeMicros: 1 });
    const bus = busOf(inputs, trafficOf(inputs));
    // 400 looks a second at 8 people each; 200 changes a second, each told to 3.
    expect(bus.messagesIn).toBeCloseTo(4_000 + 3_000 + 200 + 2 * 3_200, 6);
    expect(bus.messagesOut).toBeCloseTo(3_000 + 2_250 + 600 + 2 * 3_200, 6);
    // Two thirds of what goes out crosses a route; 400 reconnects with 2 subjects and 3,200 new ones, on three servers.
    const routed = (12_250 * 2) / 3;
    expect(bus.cores * 1e6).toBeCloseTo(13_600 + routed + 2 * (12_250 + routed) + 3 * 4_000, 3);
  });

  it('10 hot days of 86.4 M messages of 1 kB are 864 GB', () => {
    const inputs = plain({ dbRowBytes: 200, hotDays: 10 });
    const { database } = capacityOf(inputs);
    expect(database.hotBytes).toBeCloseTo(864e9, -3);
    expect(database.servers).toBe(database.shards * 3);
  });

  it('what is too little for a segment stays in the database, and so does the list of segments', () => {
    const kept = { conversationsPerUser: 50, membersPerConversation: 2, tailEntries: 10 };
    const inputs = plain({
      ...kept,
      dbRowBytes: 200,
      keepYears: 1,
      hotDays: 65,
      segmentEntries: 300,
      dbSegmentBytes: 500,
    });
    const { database } = capacityOf(inputs);
    expect(database.tailBytes).toBeCloseTo(864_000 * 25 * 10 * 1_000, 0);
    expect(database.catalogueBytes).toBeCloseTo(86.4e6 * 500, 0);
    const { hotBytes, userBytes, tailBytes, catalogueBytes, bytes } = database;
    expect(bytes).toBe(hotBytes + userBytes + tailBytes + catalogueBytes);
  });

  it('the database’s CPU goes into groups, messages, cursors and devices that come back', () => {
    const inputs = plain({ dbGroupMicros: 500, dbMessageMicros: 30, dbCursorMicros: 10, dbSyncMicros: 800 });
    const traffic = trafficOf(inputs);
    const groups = { entriesPerGroup: 2, cursorsPerGroup: 2, perSecond: 1_750 };
    const micros = 1_750 * 500 + 2_000 * 30 + 1_500 * 10 + 400 * 800;
    expect(databaseOf(inputs, traffic, groups).cores).toBeCloseTo(micros / 1e6, 9);
  });

  it('a year’s files by the relay are 100 × 0.1 × 0.4 × 500 kB a user and day', () => {
    const inputs = plain();
    expect(relayedMediaPerDay(inputs)).toBeCloseTo(864_000 * 2e6, -3);
    expect(storageAfter(inputs, trafficOf(inputs), 1).mediaBytes).toBeCloseTo(864_000 * 2e6 * 365, -6);
  });

  it('history is cold after the hot days, and gone after the years it is kept', () => {
    const inputs = plain({ hotDays: 30, keepYears: 2, segmentEntries: 100 });
    const traffic = trafficOf(inputs);
    const after = (year: number): number => storageAfter(inputs, traffic, year).coldObjects;
    expect(after(1)).toBeCloseTo((86.4e6 * 335) / 100, -1);
    expect(after(3)).toBe(after(2));
  });
});

describe('bandwidth', () => {
  it('of two people’s devices, three others fetch a file or not', () => {
    const inputs = plain({ fetchShare: 0.5 });
    expect(fetchesPerFile(trafficOf(inputs), inputs)).toBe(1.5);
  });

  it('messages go in once and out to each device, with what the wire adds', () => {
    const inputs = plain({ wireFrameBytes: 200, wireSmallFrameBytes: 100 });
    const flows = bandwidthOf(inputs, trafficOf(inputs)).flows;
    const messages = flows.find(({ what }) => what === 'messages');
    expect(messages?.in).toBeCloseTo(2_000 * 1_000, 3);
    expect(messages?.out).toBeCloseTo(3_000 * 1_000 + 2_000 * 100, 3);
  });

  it('a look of the system is a packet there and one back, and goes on at night', () => {
    const [cheap, dear] = [plain({ wireLookBytes: 60 }), plain({ wireLookBytes: 70 })].map((inputs) =>
      bandwidthOf(inputs, trafficOf(inputs)),
    );
    const looks = dear?.flows.find(({ what }) => what.startsWith('looks'));
    expect(looks?.in).toBeCloseTo(115_200 * 70, 3);
    expect(looks?.out).toBe(looks?.in);
    expect((dear?.outPerDay ?? 0) - (cheap?.outPerDay ?? 0)).toBeCloseTo(115_200 * 10 * 86_400 * 0.7, -3);
  });
});

describe('files and money', () => {
  const inputs = plain({ fetchShare: 0.5, turnShare: 0.1, objectPerMonth: 0.01, objectWrites: 0, objectReads: 0 });

  it('files go in once and out to each device that fetches them, and through TURN both ways', () => {
    const flows = new Map(bandwidthOf(inputs, trafficOf(inputs)).flows.map((flow) => [flow.what, flow]));
    // 1.728 TB a day at twice the mean is 40 MB/s; 2.592 TB go directly, a tenth of it by TURN, to 1.5 devices.
    expect(flows.get('files by the relay')?.in).toBeCloseTo(40e6, 0);
    expect(flows.get('files by the relay')?.out).toBeCloseTo(60e6, 0);
    expect(flows.get('files by TURN')).toEqual({
      what: 'files by TURN',
      in: expect.closeTo(9e6, 0),
      out: expect.closeTo(9e6, 0),
    });
  });

  it('what is stored is paid by the month, a relay as one core, what goes out by the gigabyte', () => {
    const { bill, relays, storage, bandwidth } = capacityOf({ ...inputs, given: { ...inputs.given, egress: 0.02 } }, 1);
    expect(bill.mediaStored).toBeCloseTo((storage.mediaBytes / 1e9) * 0.12, 3);
    expect(bill.relays).toBeCloseTo(relays.count * 15 * 12, 3);
    expect(bill.mediaEgress + bill.otherEgress).toBeCloseTo((bandwidth.outPerDay / 1e9) * 365 * 0.02, 3);
  });
});

describe('the whole', () => {
  it('is linear: ten times the people need ten times as much of everything that is not rounded', () => {
    const [small, large] = [capacityOf(inputsFor(1e7)), capacityOf(inputsFor(1e8))];
    expect(large.relays.cores / small.relays.cores).toBeCloseTo(10, 6);
    expect(large.bandwidth.peakOut / small.bandwidth.peakOut).toBeCloseTo(10, 6);
    expect(large.storage.mediaBytes / small.storage.mediaBytes).toBeCloseTo(10, 6);
  });

  it('grows with every cost and never shrinks', () => {
    for (const [name, { value, high }] of Object.entries(constants)) {
      // A slower commit makes larger groups, and those are cheaper: told below.
      if (high <= value || name === 'dbCommitMs') continue;
      const [usual, dear] = [capacityOf(inputsFor(1e8)), capacityOf(inputsFor(1e8, { [name]: high }))];
      const all = (each: typeof usual): number[] => [
        each.relays.cores,
        each.relays.memoryGib,
        each.bus.cores,
        each.bus.interestGib,
        each.database.cores * (1 + 2 * each.inputs.cost.dbReplicaShare),
        each.database.bytes,
        each.storage.coldBytes,
        each.bandwidth.peakOut + each.bandwidth.peakIn,
        each.database.walBytesPerSecond,
      ];
      const grew = all(dear).map((figure, index) => figure - (all(usual)[index] ?? 0));
      expect(Math.min(...grew), name).toBeGreaterThanOrEqual(0);
      expect(Math.max(...grew), name).toBeGreaterThan(0);
    }
  });

  it('depends on every assumption', () => {
    const all = (changed: Parameters<typeof inputsFor>[1]): string => {
      const { inputs, ...capacity } = capacityOf(inputsFor(1e8, changed));
      return JSON.stringify([capacity, wallsOf({ inputs, ...capacity }), littleChecks({ inputs, ...capacity })]);
    };
    const usual = all({});
    for (const [name, { value, low, high }] of Object.entries(assumptions)) {
      if (low === high) continue;
      expect(all({ [name]: value === high ? low : high }), name).not.toBe(usual);
    }
  });

  it('the bill is the sum of its lines', () => {
    const { total, ...lines } = capacityOf(inputsFor(5e8)).bill;
    expect(Object.values(lines).reduce((sum, line) => sum + line, 0)).toBeCloseTo(total, 3);
  });

  it('a wall is met in proportion to the people, and the largest fleet stands right before it', () => {
    const capacity = capacityOf(inputsFor(1e8));
    const most = largestFleet(capacity);
    const uses = wallsOf(capacityOf(inputsFor(Math.floor(most)))).map(({ use }) => use);
    expect(Math.max(...uses)).toBeGreaterThan(0.9);
    expect(most).toBeLessThan(1e8);
  });

  it('a conversation takes as many messages a second as groups of it fit one after another', () => {
    expect(conversationCeiling(2, 1)).toBe(500);
    expect(conversationCeiling(32, 8)).toBe(250);
  });

  it('Little’s law: what is inside is arrivals times stay, and there is room for it', () => {
    for (const users of sizes) {
      for (const { perSecond, seconds, inside, room, what } of littleChecks(capacityOf(inputsFor(users)))) {
        expect(inside).toBe(perSecond * seconds);
        expect(inside, what).toBeLessThan(room);
      }
    }
  });
});

describe('ranges', () => {
  it('every number lies within its own range and says where it comes from', () => {
    for (const [name, { value, low, high, unit, how, where }] of Object.entries(constants)) {
      expect(low <= value && value <= high, name).toBe(true);
      expect(
        [unit, how, where].every((words) => words.length > 0),
        name,
      ).toBe(true);
    }
    for (const [name, { value, low, high, unit, why }] of Object.entries(assumptions)) {
      expect(low <= value && value <= high, name).toBe(true);
      expect(
        [unit, why].every((words) => words.length > 0),
        name,
      ).toBe(true);
    }
  });

  it('a draw stays within the range, below the middle as often as above', () => {
    const quantity = { value: 10, low: 5, high: 40, unit: '' };
    expect(draw(quantity, () => 0)).toBe(10);
    expect(draw(quantity, () => 0.4999999)).toBeCloseTo(10 * 0.5 ** 0.5, 4);
    expect(draw(quantity, () => 0.999999)).toBeCloseTo(40, 2);
  });

  it('a spread is the same for the same seed, and encloses the central estimate', () => {
    const of = (seed: number) => spreadOf(1e8, { bill: ({ bill }) => bill.total }, { draws: 300, seed }).bill;
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    const central = capacityOf(inputsFor(1e8)).bill.total;
    expect(of(1).p10).toBeLessThan(central);
    expect(of(1).p90).toBeGreaterThan(central);
  });

  it('takes other numbers from a file, and says which it does not know', () => {
    expect(parseOverrides('{"relayAcceptMicros": 55, "peakFactor": 5}')).toEqual({
      relayAcceptMicros: 55,
      peakFactor: 5,
    });
    expect(() => parseOverrides('{"relayAccept": 55}')).toThrow('knows no relayAccept.');
    expect(() => parseOverrides('{"peakFactor": "5"}')).toThrow();
    expect(() => parseOverrides('{"peakFactor": -1}')).toThrow();
  });
});

describe('words', () => {
  it('have two digits and the right prefix', () => {
    expect([0, 0.0123, 0.999, 1, 12.34, 123.4, 1_999].map(rough)).toEqual([
      '0',
      '0.012',
      '1',
      '1',
      '12',
      '120',
      '2000',
    ]);
    expect([950, 999.6, 1_234, 1.2e6, 1.86e18].map((value) => big(value, 'B'))).toEqual([
      '950 B',
      '1 kB',
      '1.2 kB',
      '1.2 MB',
      '1.9 EB',
    ]);
    expect(bitRate(125e6)).toBe('1 Gbit/s');
    expect(dollars(1_234_567)).toBe('$1.2 M');
    expect([0.2, 3, 42.1, 1_234].map(count)).toEqual(['1', '3', '43', '1.2 k']);
  });
});

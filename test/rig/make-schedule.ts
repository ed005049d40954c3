/** Makes a run out of a seed: a pure function, so that the same seed and sizes give the same run again. */
import { createFleetFaultMakers, fleetWeights, type FleetFaultName } from './fleet/make-fleet-faults.ts';
import { Random } from './random.ts';
import type { Act, DeviceSpec, Fault, RelayFault, RelaySpec, Round, Schedule } from './schedule.ts';

/** What can be done on this machine. */
export interface Abilities {
  /** Disks that run full can be made. */
  readonly disks: boolean;
  /** Writes can be recorded for power cuts. */
  readonly powerCuts: boolean;
  /** The clocks of relay nodes can be moved. */
  readonly skews: boolean;
}

export interface ScheduleOptions {
  readonly seed: number;
  /** Devices that are there from the start. */
  readonly engines: number;
  readonly rounds: number;
  /** What people do in one round. */
  readonly acts: number;
  readonly faults: number;
  /** How long a round goes on before all faults end. */
  readonly roundMs: number;
  /** Of a fleet: how many relay nodes; null for one relay that has everything in its folder. */
  readonly nodes: number | null;
  readonly can: Abilities;
  /** How often each fault is chosen; those left out are as `faultWeights` and `fleetWeights`. */
  readonly weights?: Partial<Record<FaultName, number>>;
}

const actWeights = {
  send: 10,
  reply: 3,
  file: 1,
  edit: 3,
  delete: 1.5,
  react: 3,
  pin: 1,
  read: 4,
  draft: 2,
  open: 1,
  login: 1,
  logout: 0.5,
  revoke: 0.8,
  restart: 0.6,
};
const emojis = ['👍', '❤️', '👩‍👩‍👧'];
/** Candidates among the messages on a screen are at most as many. */
const anyOfThem = 1_000;

export const faultWeights = {
  'kill-relay': 1.2,
  'stop-relay': 0.6,
  'fill-relay': 0.8,
  'power-cut-relay': 0.8,
  // What it changes for everybody is looked at in runs of its own: `--put-back`.
  'copy-relay': 0,
  'put-back-relay': 0,
  'kill-engine': 2,
  'power-cut-engine': 1,
  'fill-engine': 0.8,
  cut: 8,
  'cut-all': 1,
  slow: 2,
  hole: 2,
  late: 3,
  'lose-answer': 3,
  refuse: 1,
  jump: 1,
  backup: 0.6,
  restore: 0.6,
} as const;
type HereFaultName = keyof typeof faultWeights;
export type FaultName = HereFaultName | FleetFaultName;

/** The account's devices are many, but a relay takes only so many at once. */
const lateDevices = 2;
const dayMs = 86_400_000;

export function makeSchedule(options: ScheduleOptions): Schedule {
  const random = new Random(options.seed);
  const people = Math.max(2, Math.round(options.engines / 1.5));
  const devices = makeDevices(random, options, people);
  const relay = makeRelay(random, options);
  const maker = createStepMaker(random, options, { people, devices, relay });
  const rounds = Array.from({ length: options.rounds }, () => makeRound(random, options, devices, maker));
  return { seed: options.seed, people, devices, relay, rounds };
}

function makeRelay(random: Random, { nodes, can }: ScheduleOptions): RelaySpec {
  if (nodes !== null) return { form: 'fleet', nodes };
  return {
    form: 'one',
    smallDisk: can.disks && random.chance(0.3),
    recorded: can.powerCuts && random.chance(0.3),
  };
}

/** The first one is always one that can be killed. */
function makeDevices(random: Random, { engines, can }: ScheduleOptions, people: number): DeviceSpec[] {
  return Array.from({ length: engines + lateDevices }, (_, index) => {
    const home = index === 0 || random.chance(0.2) ? ('process' as const) : ('here' as const);
    const smallDisk = can.disks && home === 'here' && random.chance(0.2);
    const recorded = can.powerCuts && home === 'process' && random.chance(0.5);
    return { person: index % people, home, smallDisk, recorded, early: index < engines };
  });
}

/** Some of those who are logged out begin by logging in; for the others it is refused. */
function makeRound(random: Random, options: ScheduleOptions, devices: readonly DeviceSpec[], maker: StepMaker): Round {
  const { acts, faults, roundMs } = options;
  const logins = devices.flatMap((_, device) => (random.chance(0.6) ? [{ at: 0, do: 'login' as const, device }] : []));
  const moments = Array.from({ length: acts + faults }, (_, index) => ({
    at: random.between(0, roundMs),
    isFault: index >= acts,
  }));
  moments.sort((one, other) => one.at - other.at);
  const steps = moments.map(({ at, isFault }) => ({ at, ...(isFault ? maker.fault() : maker.act()) }));
  return { steps: [...logins, ...steps] };
}

interface StepMaker {
  act(): Act;
  fault(): Fault;
}

type Setting = Pick<Schedule, 'people' | 'devices' | 'relay'>;
type Makers<N extends (Act | Fault)['do']> = { readonly [K in N]: () => Extract<Act | Fault, { do: K }> };

function createStepMaker(random: Random, options: ScheduleOptions, setting: Setting): StepMaker {
  const acts = createActMakers(random, setting);
  const faults = {
    ...createFaultMakers(random, options, setting),
    ...createFleetFaultMakers(random, options.nodes ?? 0, options.roundMs),
  };
  const weights = possible({ ...faultWeights, ...fleetWeights, ...options.weights }, options, setting);
  return {
    act: () => acts[random.weighted(actWeights)](),
    fault: () => faults[random.weighted(weights)](),
  };
}

const ofOneRelay: Readonly<Record<RelayFault['do'], (relay: Extract<RelaySpec, { form: 'one' }>) => boolean>> = {
  'kill-relay': () => true,
  'stop-relay': () => true,
  'fill-relay': ({ smallDisk }) => smallDisk,
  'power-cut-relay': ({ recorded }) => recorded,
  'copy-relay': () => true,
  'put-back-relay': () => true,
};

/** Without the faults that this run has no place for. */
function possible(
  weights: Record<FaultName, number>,
  { can }: ScheduleOptions,
  { devices, relay }: Setting,
): Record<FaultName, number> {
  const has = (holds: (device: DeviceSpec) => boolean) => devices.some(holds);
  const isPossible = (name: FaultName): boolean => {
    if (name in ofOneRelay) return relay.form === 'one' && ofOneRelay[name as RelayFault['do']](relay);
    if (name in fleetWeights) return relay.form === 'fleet' && (can.skews || name !== 'skew-node');
    if (name === 'fill-engine') return has(({ smallDisk }) => smallDisk);
    return name !== 'power-cut-engine' || has(({ recorded }) => recorded);
  };
  const entries = Object.entries(weights) as [FaultName, number][];
  return Object.fromEntries(entries.map(([name, weight]) => [name, isPossible(name) ? weight : 0])) as Record<
    FaultName,
    number
  >;
}

function createActMakers(random: Random, { people, devices }: Setting): Makers<keyof typeof actWeights> {
  const all = devices.map((_, index) => index);
  const device = () => random.pick(all);
  const person = () => random.between(0, people - 1);
  return {
    send: () => ({
      do: 'send',
      device: device(),
      to: person(),
      count: random.chance(0.25) ? random.between(5, 15) : random.between(1, 3),
      long: random.chance(0.1),
    }),
    reply: () => ({ do: 'reply', device: device(), to: person() }),
    file: () => ({ do: 'file', device: device(), to: person(), bytes: random.between(1, 3_000) }),
    edit: () => ({ do: 'edit', device: device(), to: person(), nth: random.between(0, anyOfThem) }),
    delete: () => ({ do: 'delete', device: device(), to: person(), nth: random.between(0, anyOfThem) }),
    react: () => ({
      do: 'react',
      device: device(),
      to: person(),
      nth: random.between(0, anyOfThem),
      emoji: random.pick(emojis),
      on: random.chance(0.7),
    }),
    pin: () => ({ do: 'pin', device: device(), to: person(), pinned: random.chance(0.6) }),
    read: () => ({ do: 'read', device: device(), to: person() }),
    draft: () => ({ do: 'draft', device: device(), to: person() }),
    open: () => ({ do: 'open', device: device(), to: person() }),
    login: () => ({ do: 'login', device: device() }),
    logout: () => ({ do: 'logout', device: device(), erase: random.chance(0.3) }),
    revoke: () => ({ do: 'revoke', device: device(), by: device() }),
    restart: () => ({ do: 'restart', device: device() }),
  };
}

function createFaultMakers(random: Random, { roundMs }: ScheduleOptions, { devices }: Setting): Makers<HereFaultName> {
  const those = (holds: (device: DeviceSpec) => boolean) =>
    devices.flatMap((spec, index) => (holds(spec) ? [index] : []));
  const all = those(() => true);
  const [killable, full, recorded] = [
    those(({ home }) => home === 'process'),
    those(({ smallDisk }) => smallDisk),
    those((spec) => spec.recorded),
  ];
  const device = () => random.pick(all);
  const ms = () => random.between(30, Math.max(60, Math.floor(roundMs / 2)));
  const downMs = () => random.between(0, Math.floor(roundMs / 3));
  return {
    'kill-relay': () => ({ do: 'kill-relay', downMs: downMs() }),
    'stop-relay': () => ({ do: 'stop-relay', downMs: downMs() }),
    'fill-relay': () => ({ do: 'fill-relay', ms: ms() }),
    'power-cut-relay': () => ({ do: 'power-cut-relay', downMs: downMs(), keep: random.next() }),
    'copy-relay': () => ({ do: 'copy-relay' }),
    'put-back-relay': () => ({ do: 'put-back-relay', downMs: downMs() }),
    'kill-engine': () => ({
      do: 'kill-engine',
      device: random.pick(killable),
      downMs: downMs(),
      againAfterMs: random.chance(0.2) ? random.between(20, 900) : null,
    }),
    'power-cut-engine': () => ({
      do: 'power-cut-engine',
      device: random.pick(recorded),
      downMs: downMs(),
      keep: random.next(),
    }),
    'fill-engine': () => ({ do: 'fill-engine', device: random.pick(full), ms: ms() }),
    cut: () => ({ do: 'cut', device: device() }),
    'cut-all': () => ({ do: 'cut-all' }),
    slow: () => ({ do: 'slow', device: device(), ms: ms(), bytesPerTick: random.between(1, 200) }),
    hole: () => ({ do: 'hole', device: device(), ms: ms(), ends: random.chance(0.75) ? 'resumes' : 'dies' }),
    late: () => ({ do: 'late', device: device(), ms: ms() }),
    'lose-answer': () => ({ do: 'lose-answer', device: device() }),
    refuse: () => ({ do: 'refuse', device: device(), ms: ms() }),
    jump: () => ({ do: 'jump', device: device(), ms: random.between(-400 * dayMs, 400 * dayMs) }),
    backup: () => ({ do: 'backup', device: device() }),
    restore: () => ({ do: 'restore', device: device() }),
  };
}

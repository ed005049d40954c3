/** What a run consists of: who is there, and what people do and what goes wrong at which moment. */

/** Devices by their number in the run, people by theirs. */
export type Act =
  | {
      readonly do: 'send';
      readonly device: number;
      readonly to: number;
      readonly count: number;
      readonly long: boolean;
    }
  | { readonly do: 'reply'; readonly device: number; readonly to: number }
  | { readonly do: 'read'; readonly device: number; readonly to: number }
  | { readonly do: 'draft'; readonly device: number; readonly to: number }
  /** A file that small goes by the relay at once. */
  | { readonly do: 'file'; readonly device: number; readonly to: number; readonly bytes: number }
  /** Of the messages on the screen that it can be done to, the `nth`. */
  | { readonly do: 'edit'; readonly device: number; readonly to: number; readonly nth: number }
  | { readonly do: 'delete'; readonly device: number; readonly to: number; readonly nth: number }
  | {
      readonly do: 'react';
      readonly device: number;
      readonly to: number;
      readonly nth: number;
      readonly emoji: string;
      readonly on: boolean;
    }
  | { readonly do: 'pin'; readonly device: number; readonly to: number; readonly pinned: boolean }
  | { readonly do: 'open'; readonly device: number; readonly to: number }
  /** The device logs in; a new one of its person with the first log-in. */
  | { readonly do: 'login'; readonly device: number }
  | { readonly do: 'logout'; readonly device: number; readonly erase: boolean }
  /** Another device of the same person ends this one's session. */
  | { readonly do: 'revoke'; readonly device: number; readonly by: number }
  /** The app is closed in good order and opened again. */
  | { readonly do: 'restart'; readonly device: number };

/** Of the one relay that has everything in its folder. */
export type RelayFault =
  | { readonly do: 'kill-relay'; readonly downMs: number }
  | { readonly do: 'stop-relay'; readonly downMs: number }
  | { readonly do: 'fill-relay'; readonly ms: number }
  | { readonly do: 'power-cut-relay'; readonly downMs: number; readonly keep: number }
  /** Its data is copied while it is stopped, to be put back by a later `put-back-relay`. */
  | { readonly do: 'copy-relay' }
  | { readonly do: 'put-back-relay'; readonly downMs: number };

/** Of a fleet: its nodes, the NATS servers, the PostgreSQL, and the network between them. */
export type FleetFault =
  | { readonly do: 'kill-node'; readonly node: number; readonly downMs: number }
  | { readonly do: 'stop-node'; readonly node: number; readonly downMs: number }
  /** One after another is stopped in order and started again. */
  | { readonly do: 'roll-nodes' }
  /** The process stays where it is, as on a machine that hangs, and goes on. */
  | { readonly do: 'pause-node'; readonly node: number; readonly ms: number }
  /** The wall clock of its machine is off. */
  | { readonly do: 'skew-node'; readonly node: number; readonly ms: number }
  /** Breaks and is refused, or falls silent and goes on, or falls silent for good. */
  | {
      readonly do: 'cut-node';
      readonly node: number;
      readonly from: 'store' | 'bus';
      readonly how: 'reset' | 'resumes' | 'dies';
      readonly ms: number;
    }
  | { readonly do: 'kill-bus'; readonly server: number; readonly downMs: number }
  | { readonly do: 'pause-bus'; readonly server: number; readonly ms: number }
  /**
   * The NATS servers do not hear one another, so the nodes at one do not hear those at the other. It never dies without a
   * word: a server that goes on sending into such a connection takes it for alive (nats-server 2.9), until its system ends it.
   */
  | { readonly do: 'split-bus'; readonly how: 'reset' | 'resumes'; readonly ms: number }
  | { readonly do: 'kill-store'; readonly downMs: number }
  | { readonly do: 'pause-store'; readonly ms: number }
  /** What nodes ask and hear trickles. */
  | { readonly do: 'slow-store'; readonly ms: number; readonly bytesPerTick: number }
  /** The PostgreSQL dies for good and its replica takes its place. */
  | { readonly do: 'promote-store' };

export type DeviceFault =
  /** `againAfterMs`: once more so long after it was started, which may be in the middle of opening its files. */
  | {
      readonly do: 'kill-engine';
      readonly device: number;
      readonly downMs: number;
      readonly againAfterMs: number | null;
    }
  | { readonly do: 'power-cut-engine'; readonly device: number; readonly downMs: number; readonly keep: number }
  | { readonly do: 'fill-engine'; readonly device: number; readonly ms: number }
  /** Every connection of the device breaks; the bytes under way are lost. */
  | { readonly do: 'cut'; readonly device: number }
  | { readonly do: 'cut-all' }
  /** Bytes trickle. */
  | { readonly do: 'slow'; readonly device: number; readonly ms: number; readonly bytesPerTick: number }
  /** Nothing passes and nobody is told; afterwards all of it comes late, or the connection stays dead without a word. */
  | { readonly do: 'hole'; readonly device: number; readonly ms: number; readonly ends: 'resumes' | 'dies' }
  /** The device's side breaks at once; what it had said reaches the relay later, beside its new connection. */
  | { readonly do: 'late'; readonly device: number; readonly ms: number }
  /** The relay's next `accepted` never arrives: the connection breaks just before. */
  | { readonly do: 'lose-answer'; readonly device: number }
  /** Nobody answers at the relay's address. */
  | { readonly do: 'refuse'; readonly device: number; readonly ms: number }
  /** The device's wall clock jumps. */
  | { readonly do: 'jump'; readonly device: number; readonly ms: number }
  /** The device's folder is copied, to be put back by a later `restore`. */
  | { readonly do: 'backup'; readonly device: number }
  | { readonly do: 'restore'; readonly device: number };

export type Fault = RelayFault | FleetFault | DeviceFault;

export type Step = { readonly at: number } & (Act | Fault);

export interface Round {
  readonly steps: readonly Step[];
}

export interface DeviceSpec {
  readonly person: number;
  /** An engine that is killed runs in a process of its own; others run in the rig's. */
  readonly home: 'process' | 'here';
  /** On a small disk of its own that can run full. */
  readonly smallDisk: boolean;
  /** Its writes are recorded, so that a power cut can drop those that were not synced. */
  readonly recorded: boolean;
  /** Logged in from the start; others log in during the run. */
  readonly early: boolean;
}

export type RelaySpec =
  /** With SQLite, and everything in one folder. */
  | { readonly form: 'one'; readonly smallDisk: boolean; readonly recorded: boolean }
  /** Nodes on shared engines. */
  | { readonly form: 'fleet'; readonly nodes: number };

export interface Schedule {
  readonly seed: number;
  readonly people: number;
  readonly devices: readonly DeviceSpec[];
  readonly relay: RelaySpec;
  /** Each ends with all faults over, everybody back, and everything checked. */
  readonly rounds: readonly Round[];
}

/** One line a step, as the report of a failure shows it. */
export function printRound({ steps }: Round): string {
  return steps.map(({ at, ...step }) => `  ${String(at).padStart(5)} ms  ${JSON.stringify(step)}`).join('\n');
}

export function printSchedule(schedule: Schedule): string {
  const { seed, people, devices, relay, rounds } = schedule;
  const lines = devices.map((device, index) => `  device ${index}: ${JSON.stringify(device)}`);
  const parts = rounds.map((round, index) => `round ${index}\n${printRound(round)}`);
  return [`seed ${seed}, ${people} people, relay ${JSON.stringify(relay)}`, ...lines, ...parts].join('\n');
}

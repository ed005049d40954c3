/** The fleet of a run: relay nodes on one PostgreSQL and two NATS servers, with all that lies between them. */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPostgresStore, type PostgresStore } from '../../../signaling-server/adapters/postgres/postgres-store.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import { Random } from '../random.ts';
import { silentLog } from '../relay/silent-log.ts';
import type { RelayUnderTest } from '../relay/relay-under-test.ts';
import { RelayNode } from './relay-node.ts';
import { SharedBus } from './shared-bus.ts';
import { SharedStore } from './shared-store.ts';

export interface FleetParts {
  /** Of the run. */
  readonly folder: string;
  readonly seed: number;
  readonly nodes: number;
  /** Whether the store has a replica that can be promoted. */
  readonly replicated: boolean;
}

const sharedMemory = '/dev/shm';

export class RelayFleet implements RelayUnderTest {
  readonly disk = null;
  readonly nodes: readonly RelayNode[];
  readonly store: SharedStore;
  readonly bus: SharedBus;
  readonly #folder: string;
  readonly #random: Random;

  private constructor(parts: FleetParts, engines: { store: SharedStore; bus: SharedBus; nodes: readonly RelayNode[] }) {
    this.#folder = parts.folder;
    this.#random = new Random(parts.seed);
    this.store = engines.store;
    this.bus = engines.bus;
    this.nodes = engines.nodes;
  }

  static async open(parts: FleetParts): Promise<RelayFleet> {
    const { folder } = parts;
    const [store, bus] = await Promise.all([
      SharedStore.open({ base: baseOf(folder), replicated: parts.replicated }),
      SharedBus.open(folder),
    ]);
    const blobs = join(folder, 'blobs');
    mkdirSync(blobs);
    const ports = bus.servers.map(({ port }) => port);
    const nodes: RelayNode[] = [];
    for (let index = 0; index < parts.nodes; index++) {
      // Each node prefers another server, if it prefers one at all.
      const busPorts = index % 2 === 0 ? ports : ports.toReversed();
      nodes.push(await RelayNode.open({ index, folder, store, busPorts, blobs }));
    }
    return new RelayFleet(parts, { store, bus, nodes });
  }

  get addresses(): readonly string[] {
    return this.nodes.map(({ address }) => address);
  }

  get address(): string {
    return this.#random.pick(this.addresses);
  }

  /** A balancer without stickiness: any node, and the next one when that does not answer. */
  ports(): readonly number[] {
    const all = this.nodes.map(({ port }) => port);
    const first = this.#random.between(0, all.length - 1);
    return [...all.slice(first), ...all.slice(0, first)];
  }

  /** @throws Error for a number that no node has. */
  node(index: number): RelayNode {
    const node = this.nodes[index];
    if (!node) throw new Error(`There is no node ${index}.`);
    return node;
  }

  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.turns.take(() => node.start())));
  }

  heal(): void {
    this.bus.route.heal();
    for (const { links } of this.nodes) for (const link of links) link.heal();
  }

  async comeBack(): Promise<string[]> {
    this.heal();
    for (const { clock } of this.nodes) clock?.set(0);
    const ended = this.nodes.flatMap((node) => {
      const words = node.endedByItself();
      return words === null ? [] : [`node ${node.index} ended by itself:\n${words}`];
    });
    await this.start();
    return ended;
  }

  async end(): Promise<string[]> {
    const codes = await Promise.all(this.nodes.map((node) => node.turns.take(() => node.stop())));
    return codes.flatMap((code, index) => (code === 0 || code === null ? [] : [`node ${index} ended with ${code}`]));
  }

  openStore(): Promise<PostgresStore> {
    return openPostgresStore({ url: this.store.url(), clock: Date.now, log: silentLog, metrics: silentMetrics });
  }

  async clearAway(keep: boolean): Promise<void> {
    for (const node of this.nodes) {
      await node.kill();
      if (keep) node.keepWords();
      await node.close();
    }
    if (keep) await this.store.dump(join(this.#folder, 'store.sql'));
    await Promise.all([this.store.stop(), this.bus.stop()]);
  }
}

/** The database is kept in memory when the run is, and always outside of the run's folder, which is root's alone. */
function baseOf(folder: string): string {
  return folder.startsWith(sharedMemory) ? sharedMemory : tmpdir();
}

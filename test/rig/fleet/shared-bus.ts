/** The fleet's NATS: two servers that pass everything on to one another, over a stretch of network that can fail. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { startNats, type NatsServer } from '../../support/nats-server.ts';
import { FaultyLink } from '../net/faulty-link.ts';
import { Turns } from '../turns.ts';

/** Servers notice soon that one of the others, or a node, hangs; by default it takes minutes. */
const configuration = 'ping_interval: "2s"\nping_max: 2\n';

export class SharedBus {
  readonly turns = new Turns();
  readonly servers: readonly NatsServer[];
  /** Between the two servers. */
  readonly route: FaultyLink;

  private constructor(servers: readonly NatsServer[], route: FaultyLink) {
    this.servers = servers;
    this.route = route;
  }

  /** @param folder of the run. */
  static async open(folder: string): Promise<SharedBus> {
    const file = join(folder, 'nats.conf');
    await writeFile(file, configuration);
    // The servers tell nobody of each other, so that everything goes by the rig's links.
    const args = (index: number) => ['-c', file, '--no_advertise', '-l', join(folder, `nats-${index}.log`)];
    const [first, second] = [await freePort(), await freePort()];
    const route = await FaultyLink.open({ ports: () => [first], witness: null, tally: null });
    const servers = [
      await startNats({ cluster: { port: first, routes: [first] }, args: args(0) }),
      await startNats({ cluster: { port: second, routes: [route.port] }, args: args(1) }),
    ];
    return new SharedBus(servers, route);
  }

  /** @throws Error for a number that no server has. */
  at(index: number): NatsServer {
    const server = this.servers[index];
    if (!server) throw new Error(`There is no NATS server ${index}.`);
    return server;
  }

  async stop(): Promise<void> {
    await this.route.close();
    for (const server of this.servers) await server.stop();
  }
}

/** The bus on NATS keeps the contract between two nodes: on one server, and on two that are routed to each other. */
import { afterAll, beforeAll, describe } from 'vitest';
import { openNatsBus } from '../../signaling-server/adapters/nats/nats-bus.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import { startNats, startNatsCluster, type NatsCluster, type NatsServer } from '../support/nats-server.ts';
import { silentLog } from '../support/relay-core.ts';
import { runBusContract, type BusUnderTest } from './bus-contract.ts';

let rounds = 0;

async function openTwo(near: string, far: string): Promise<BusUnderTest> {
  const common = { prefix: `contract.${rounds++}`, log: silentLog, metrics: silentMetrics, clock: Date.now };
  const buses = {
    near: await openNatsBus({ ...common, servers: near }),
    far: await openNatsBus({ ...common, servers: far }),
  };
  return {
    ...buses,
    async dispose() {
      await Promise.all([buses.near.close(), buses.far.close()]);
    },
  };
}

describe('on one server', () => {
  let server: NatsServer;
  beforeAll(async () => void (server = await startNats()));
  afterAll(() => server.stop());
  runBusContract('NATS', () => openTwo(server.url, server.url));
});

describe('on two servers of a cluster', () => {
  let cluster: NatsCluster;
  beforeAll(async () => void (cluster = await startNatsCluster(2)));
  afterAll(() => cluster.stop());
  runBusContract('NATS, clustered', () => {
    const [one, two] = cluster.servers;
    return openTwo(one?.url ?? '', two?.url ?? '');
  });
});

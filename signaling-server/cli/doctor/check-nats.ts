/** Checks the servers of `--bus`, each by itself: there, willing, large enough, near, and whether other nodes speak on them. */
import { readFileSync } from 'node:fs';
import { connect, credsAuthenticator, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { decodeOne, limits, type RelayId } from '../../../protocol/index.ts';
import { parseBusAddress } from '../../adapters/nats/bus-address.ts';
import { busTiming } from '../../adapters/nats/bus-timing.ts';
import { explainFault } from '../../adapters/nats/explain-fault.ts';
import { wordSchema } from '../../adapters/nats/roster.ts';
import { busPrefix, createSubjectNames } from '../../adapters/nats/subject-names.ts';
import type { Config } from '../../config/settings-table.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

type BusConfig = Pick<Config, 'bus' | 'natsCreds' | 'natsCa'>;

const timeoutMs = 5_000;
/** Larger notes are told as "look into the database", which costs a read. */
const comfortablePayload = limits.relayBatchBytes;
const slowMs = 10;

/** @param relayId whose nodes to listen for; null when the database did not say. */
export async function checkNats(config: BusConfig, relayId: RelayId | null): Promise<Finding[]> {
  const findings: Finding[] = [];
  let nodes: Set<string> | null = null;
  for (const host of parseBusAddress(config.bus.join(',')).hosts) {
    try {
      const server = await connect({ ...(await optionsOf(config)), servers: host });
      findings.push(await checkServer(host, server));
      if (relayId !== null) nodes = new Set([...(nodes ?? []), ...(await listenForNodes(server, relayId))]);
      await server.close();
    } catch (error) {
      const { what, advice } = explainFault(error);
      findings.push(
        fail('bus', `${host}: ${what}`, `${advice}. Without NATS nodes find new messages by looking, within 2 s.`),
      );
    }
  }
  if (nodes !== null) findings.push(describeNodes(nodes.size));
  return findings;
}

async function optionsOf({ bus, natsCreds, natsCa }: BusConfig): Promise<ConnectionOptions> {
  const { user, password, token, tls } = parseBusAddress(bus.join(','));
  return {
    name: 'parley relay doctor',
    reconnect: false,
    timeout: timeoutMs,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(token !== undefined && { token }),
    ...(natsCreds !== null && { authenticator: credsAuthenticator(readFileSync(natsCreds)) }),
    ...((tls || natsCa !== null) && { tls: natsCa === null ? {} : { caFile: natsCa } }),
  };
}

async function checkServer(host: string, server: NatsConnection): Promise<Finding> {
  const { version = 'unknown', max_payload: most = 0 } = server.info ?? {};
  const away = await server.rtt();
  const found = `nats-server ${version} at ${host}, ${away} ms there and back, notes up to ${Math.floor(most / 1024)} KiB`;
  if (most < comfortablePayload) {
    const advice = `Set max_payload to ${comfortablePayload} or more (1 MB is its default): larger notes are read from the database instead.`;
    return warn('bus', found, advice);
  }
  return away <= slowMs ? ok('bus', found) : warn('bus', found, 'Put relays and NATS into one data centre.');
}

/** Each node says every two seconds that it lives. */
async function listenForNodes(server: NatsConnection, relayId: RelayId): Promise<Set<string>> {
  const nodes = new Set<string>();
  const { alive } = createSubjectNames(busPrefix(relayId));
  server.subscribe(alive, {
    callback(error, message) {
      if (error) return;
      const node = readNode(message.data);
      if (node !== null) nodes.add(node);
    },
  });
  await new Promise((resolve) => setTimeout(resolve, busTiming.beatMs * 1.5));
  return nodes;
}

function readNode(bytes: Uint8Array): string | null {
  try {
    return wordSchema.safeParse(decodeOne(bytes)).data?.node ?? null;
  } catch {
    return null;
  }
}

function describeNodes(count: number): Finding {
  if (count > 0) return ok('nodes', `${count} ${count === 1 ? 'speaks' : 'speak'} on the bus`);
  const advice = 'Right if none runs. If some do, they have another --bus, or another relay’s database.';
  return warn('nodes', 'none speaks on the bus', advice);
}

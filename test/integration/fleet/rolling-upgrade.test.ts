/** A fleet whose nodes are restarted, or brought to another version, one after another under load loses nothing. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RelayFleet } from '../../rig/fleet/relay-fleet.ts';
import type { RelayNode } from '../../rig/fleet/relay-node.ts';
import { FaultyLink } from '../../rig/net/faulty-link.ts';
import { startTalking, type BusyPeople } from '../../support/busy-people.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { findOlderRelay } from '../../support/older-relay.ts';

/** @param entry the relay's program that all nodes begin with; null for this version's. */
async function startFleet(entry: string | null): Promise<{ fleet: RelayFleet; address: string }> {
  const folder = join(await temporaryFolder(), 'run');
  mkdirSync(folder);
  const fleet = await RelayFleet.open({ folder, seed: 1, nodes: 3, replicated: false });
  onTestFinished(() => fleet.clearAway(false));
  for (const node of fleet.nodes) node.install(entry);
  await fleet.start();
  const balancer = await FaultyLink.open({ ports: () => fleet.ports(), witness: null, tally: null });
  onTestFinished(() => balancer.close());
  return { fleet, address: balancer.address };
}

async function restart(node: RelayNode): Promise<void> {
  expect(await node.stop()).toBe(0);
  await node.start();
}

async function expectNothingLost(people: BusyPeople): Promise<void> {
  expect(await people.stop()).toBeGreaterThan(50);
  await people.expectAllThere();
}

test('a rolling restart of all nodes under load loses nothing and logs nobody out', async () => {
  const { fleet, address } = await startFleet(null);
  const people = await startTalking(address);
  for (const node of fleet.nodes) await restart(node);
  await expectNothingLost(people);
}, 120_000);

test('nodes of an older version are brought to this one, one after another, under load, and nothing is lost', async ({
  skip,
}) => {
  const older = findOlderRelay();
  if (older === null) return skip('there is no older version of the relay that knows PostgreSQL');
  onTestFinished(() => older.remove());
  const { fleet, address } = await startFleet(older.entry);
  const people = await startTalking(address);
  for (const node of fleet.nodes) {
    node.install(null);
    await restart(node);
  }
  await expectNothingLost(people);
}, 120_000);

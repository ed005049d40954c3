/** The relay's data is put back to an old copy: what the relay said since is no promise any more, and people know it. */
import type { Device } from '../device/device.ts';
import { pause } from '../fault-doers.ts';
import type { WireWitness } from '../net/wire-witness.ts';
import type { World } from '../world.ts';
import type { RelayHost } from './relay-host.ts';

export function copyRelay({ tally }: World, relay: RelayHost): Promise<void> {
  return relay.turns.take(async () => {
    await relay.stop();
    relay.disk?.free();
    await relay.keepCopy();
    tally.add('copy of the relay’s data kept');
    await relay.start();
  });
}

export function putBackRelay(world: World, relay: RelayHost, downMs: number): Promise<void> {
  return relay.turns.take(async () => {
    await relay.kill();
    for (const { proxy } of world.devices) proxy.cut('put back');
    relay.disk?.free();
    if (await relay.putBack()) {
      await forgetWhatIsGone(world, relay);
      for (const device of world.devices) expectRestored(device);
      world.past.putBacks++;
      world.past.inThisRound = true;
      world.tally.add('old copy of the relay’s data put back');
    }
    await pause(downMs);
    await relay.start();
  });
}

/** Of what was said on the wire only that is still so which the copy has. */
async function forgetWhatIsGone({ people, witness }: World, relay: RelayHost): Promise<void> {
  const store = await relay.openStore();
  try {
    const listed = await Promise.all(people.map(({ auditor }) => store.conversations.listOf(auditor.user.id)));
    const conversations = new Map(listed.flat().map((conversation) => [conversation.id, conversation]));
    const gone: Placed[] = [];
    for (const placed of witness.placed()) {
      const range = { from: placed.seq, to: placed.seq, limit: 1, maxBytes: 1 };
      const isKnown = conversations.has(placed.conversation);
      const [message] = isKnown ? await store.log.read(placed.conversation, range) : [];
      if (message?.id !== placed.id || message.time !== placed.time) gone.push(placed);
    }
    witness.forget(gone, (conversation) => conversations.get(conversation)?.cursors ?? []);
  } finally {
    await store.close();
  }
}

type Placed = Parameters<WireWitness['forget']>[0][number];

/** Its session may be one that the copy does not know; what was read and the order across that moment may be others. */
function expectRestored(device: Device): void {
  device.mayBeOut = true;
  device.ledger.life++;
  device.ledger.read.clear();
}

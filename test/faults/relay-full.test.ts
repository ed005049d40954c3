/** A relay's disk that really runs full, as devices see it: every kind of write is refused by name or waits, nothing breaks. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createId, type ClientFrame, type FrameOf, type MessageId } from '../../protocol/index.ts';
import { helloFrame, openPlainClient, registerAt, type PlainClient } from '../support/plain-client.ts';
import { BlobDevice, makeBlob, openConversation } from '../support/relay-blobs.ts';
import { runRelayCommand } from '../support/run-relay-command.ts';
import { canMakeDisks, makeSmallDisk } from '../support/small-disk.ts';
import { spawnRelay } from '../support/start-relay.ts';

const unlimited = ['--sends-per-second', '100000', '--send-burst', '100000', '--media-reserve-bytes', '0'];

type Send = FrameOf<ClientFrame, 'send'>;

/** What the relay said about a message, after so many frames. */
async function answerTo(client: PlainClient, id: MessageId, after: number) {
  const find = () =>
    client.frames
      .slice(after)
      .find((frame) => (frame.type === 'accepted' || frame.type === 'refused') && frame.id === id);
  await expect.poll(find, { interval: 2, timeout: 20_000 }).toBeDefined();
  return find();
}

/** Sends each again until it is stored, in order; says how often the relay had no room. */
async function sendAll(client: PlainClient, sends: readonly Send[], onRefused: () => unknown): Promise<number> {
  let refused = 0;
  for (const send of sends) {
    for (let stored = false; !stored;) {
      const after = client.frames.length;
      client.send(send);
      const answer = await answerTo(client, send.id, after);
      stored = answer?.type === 'accepted';
      if (stored) continue;
      expect(answer).toMatchObject({ code: 'storage_full' });
      refused += 1;
      await onRefused();
    }
  }
  return refused;
}

test.skipIf(!canMakeDisks)(
  'a full disk refuses messages and files by name, keeps comparing, and all goes on when there is room',
  async () => {
    const disk = makeSmallDisk(160);
    const dataDir = join(disk.dir, 'relay');
    const relay = await spawnRelay({ dataDir, args: unlimited });
    onTestFinished(async () => void (await relay.stop()));
    const [alice, bob] = [await registerAt(relay.address, 'alice'), await registerAt(relay.address, 'bob')];
    const conversation = await openConversation(relay.address, alice, bob);
    const files = new BlobDevice(relay.address, alice, conversation);
    const [sender, reader] = [openPlainClient(relay.address), openPlainClient(relay.address)];
    for (const [client, { token }] of [
      [sender, alice],
      [reader, bob],
    ] as const) {
      client.send(helloFrame(token), { type: 'sync', have: [], last: true });
      await client.next('synced');
    }
    const sends = Array.from({ length: 400 }, (): Send => {
      const payload = new Uint8Array(60_000).fill(7);
      return { type: 'send', conversation, id: createId<MessageId>(), epoch: 0, payload };
    });
    const blob = makeBlob(2 * 1024 * 1024 + 16);
    let ask = 0;
    const links = async (client: PlainClient, seqs: number[]) => {
      client.send({ type: 'chain', ref: ++ask, conversation, seqs });
      return client.next('chained');
    };

    disk.fill();
    let pressed: Promise<void> | null = null;
    const refused = await sendAll(sender, sends, () => (pressed ??= whileFull().finally(() => disk.free())));
    expect(refused).toBeGreaterThan(0);

    async function whileFull(): Promise<void> {
      const { head, links: told } = await links(reader, [0]);
      expect(told).toHaveLength(1);
      reader.send({ type: 'attest', heads: told.map((each) => ({ conversation, ...each })) });
      expect((await links(reader, [])).devices).toMatchObject([{ device: bob.device, seq: head }]);
      const begun = await files.begin(blob);
      const sent = begun.code ?? (await files.patch(blob.id, 0, blob.bytes)).code;
      expect(sent).toBe('storage_full');
    }

    const { head, links: told, devices } = await links(reader, [0]);
    expect(head).toBe(400);
    expect(devices).toMatchObject([{ device: bob.device }]);
    reader.send({ type: 'attest', heads: told.map((each) => ({ conversation, ...each })) });
    expect((await links(sender, [])).devices).toMatchObject([{ device: bob.device, seq: 400 }]);
    await files.upload(blob);
    expect((await files.get(blob.id)).body.equals(blob.bytes)).toBe(true);
    expect(await relay.stop()).toBe(0);
    const verified = await runRelayCommand(['verify', '--content', '--data', dataDir]);
    expect(verified.out).toMatch(/^ok +messages +400 in 1 conversations/m);
    expect(verified.out).toMatch(/^ok +chains +1 checkpoints/m);
    expect(verified.code).toBe(0);
  },
);

/** Two people with a conversation on a relay, as devices that send and fetch blobs. */
import { registerAt } from './plain-client.ts';
import { BlobDevice, openConversation } from './relay-blobs.ts';

export interface BlobPair {
  readonly alice: BlobDevice;
  readonly bob: BlobDevice;
  /** The same devices at a relay that has come back elsewhere. */
  at(address: string): Omit<BlobPair, 'at'>;
}

export async function blobPairAt(address: string): Promise<BlobPair> {
  const [alice, bob] = [await registerAt(address, 'alice'), await registerAt(address, 'bob')];
  const conversation = await openConversation(address, alice, bob);
  const at = (where: string) => ({
    alice: new BlobDevice(where, alice, conversation),
    bob: new BlobDevice(where, bob, conversation),
  });
  return { ...at(address), at };
}

/** Bytes of an upload that the relay has safely. */
export async function offsetOf(device: BlobDevice, blob: Parameters<BlobDevice['head']>[0]): Promise<number> {
  return Number((await device.head(blob)).headers['upload-offset']);
}

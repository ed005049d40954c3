/** One device that missed everything: connects with nothing and counts what it is given until it is in sync. */
import { LoadClient } from './load-client.ts';
import type { LoadPerson } from './people.ts';

/** @returns milliseconds from the start of the connection to `synced`, and how many messages came. */
export async function catchUp(person: LoadPerson, address: string): Promise<{ ms: number; messages: number }> {
  let messages = 0;
  const client = new LoadClient(person, (frame) => {
    if (frame.type === 'deliver') messages += frame.messages.length;
  });
  const begun = performance.now();
  await client.connect(address);
  const ms = performance.now() - begun;
  client.cut();
  return { ms, messages };
}

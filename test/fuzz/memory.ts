/** How much memory a relay uses, by its own metrics. */
import { WebSocket } from 'ws';
import { paths } from '../../protocol/index.ts';

export interface Memory {
  readonly heapBytes: number;
  readonly residentBytes: number;
}

export async function relayMemory(address: string): Promise<Memory> {
  const text = await (await fetch(address + paths.metrics)).text();
  const read = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    heapBytes: read('nodejs_heap_size_used_bytes') + read('nodejs_external_memory_bytes'),
    residentBytes: read('process_resident_memory_bytes'),
  };
}

const connections = 1_100;
const withinMs = 20_000;

/**
 * The least that is measured while the relay has nothing to do. It collects its garbage by itself when it is idle after
 * many connections, so it is given them.
 * @param goal measuring ends early below this.
 */
export async function settledMemory(address: string, goal = 0): Promise<Memory> {
  await comeAndGo(address);
  const until = performance.now() + withinMs;
  let least = await relayMemory(address);
  const first = least;
  while (performance.now() < until) {
    await new Promise((done) => setTimeout(done, 250));
    const now = await relayMemory(address);
    if (now.heapBytes < least.heapBytes) least = now;
    if (least.heapBytes < goal || (goal === 0 && least.heapBytes < first.heapBytes * 0.9)) break;
  }
  return least;
}

async function comeAndGo(address: string): Promise<void> {
  for (let done = 0; done < connections; done += 50) {
    await Promise.all(Array.from({ length: 50 }, () => openAndClose(address)));
  }
}

function openAndClose(address: string): Promise<void> {
  return new Promise((done) => {
    const ws = new WebSocket(`${address.replace(/^http/, 'ws')}/v1/socket`);
    ws.on('error', () => {});
    ws.on('open', () => ws.terminate());
    ws.on('close', () => done());
  });
}

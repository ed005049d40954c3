/**
 * The protocol fuzzer's command: a real relay against hostile devices and requests, an engine against a relay that lies.
 *
 *   node test/fuzz/run.ts --seed 1 --frames 1000000            so many frames in all, half at each
 *   node test/fuzz/run.ts --short                              20,000 frames, for every test run
 *   node test/fuzz/run.ts --seed 1 --frames 20000 --target engine
 *
 * Prints what was said and answered, memory and the others' latency. Exit code 1 for violations.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzEngine } from './engine-fuzz.ts';
import { fuzzRelay, type FuzzResult } from './relay-fuzz.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    frames: { type: 'string', default: '1000000' },
    short: { type: 'boolean', default: false },
    target: { type: 'string', default: 'both' },
  },
});
const shortFrames = 20_000;
const frames = values.short ? shortFrames : Number(values.frames);
const options = { seed: Number(values.seed), frames: values.target === 'both' ? Math.ceil(frames / 2) : frames };
let failed = false;

if (values.target !== 'engine') report('relay', await fuzzRelay(options));
if (values.target !== 'relay') {
  const folder = await mkdtemp(join(tmpdir(), 'parley-fuzz-'));
  report('engine', await fuzzEngine(options, folder));
  await rm(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

function report(target: string, { violations, frames, tally, latencies, memory }: FuzzResult): void {
  const sorted = latencies.toSorted((one, other) => one - other);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  console.log(`${target}: seed ${options.seed}, ${frames} frames, ${violations.length} violations`);
  for (const violation of violations.slice(0, 10)) console.log(`  ${violation}`);
  console.log(`  others: ${sorted.length} answers, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`);
  console.log(
    `  heap before ${mebibytes(memory.before.heapBytes)} MiB, after ${mebibytes(memory.after.heapBytes)} MiB`,
  );
  console.log(
    `  resident before ${mebibytes(memory.before.residentBytes)} MiB, after ${mebibytes(memory.after.residentBytes)} MiB`,
  );
  console.log(String(tally));
  failed ||= violations.length > 0;
}

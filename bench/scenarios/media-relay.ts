/** A large file by way of the relay, from file to file, beside `curl` and a static server on the same machine. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { hashOf, writeNoise } from '../../test/support/sample-files.ts';
import { Company, conversationWith } from '../../test/support/cast.ts';
import { anna, ben } from '../../test/support/people.ts';
import { arrived, reached, sendFile } from '../media/file-person.ts';
import { MeasuredProcess } from '../relays/process.ts';
import { relayCore, startParley } from '../relays/start.ts';
import { mib, ratio, withTempDir, type Figure, type Scenario } from './scenario.ts';

const bytes = 512 * 1024 * 1024;
const run = promisify(execFile);

interface Speeds {
  /** Bytes a second. */
  readonly up: number;
  readonly down: number;
}

const speed = (value: number): string => `${(value / 1e6).toFixed(0)} MB/s`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return bytes / ((performance.now() - begun) / 1_000);
}

async function curl(dir: string, file: string): Promise<Speeds> {
  const folder = join(dir, 'static');
  mkdirSync(folder);
  const server = new MeasuredProcess(relayCore, ['bench/media/static-server.ts', folder], 'pipe');
  try {
    if (!server.child.stdout) throw new Error('The static server has no output.');
    const [port] = (await once(createInterface({ input: server.child.stdout }), 'line')) as [string];
    const url = `http://127.0.0.1:${port}/file`;
    const up = await timed(() => run('curl', ['-sS', '--fail', '-T', file, url]));
    const down = await timed(() => run('curl', ['-sS', '--fail', '-o', join(dir, 'curled'), url]));
    return { up, down };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The relay's resident memory, looked at ten times a second. @returns the growth in bytes. */
function watchMemory(relay: MeasuredProcess): () => number {
  const before = relay.residentBytes();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, relay.residentBytes())), 100);
  return () => {
    clearInterval(timer);
    return most - before;
  };
}

async function parley(dir: string, file: string): Promise<Speeds & { growth: number; equal: boolean }> {
  const relay = await startParley(join(dir, 'relay'));
  const company = new Company(relay.address);
  try {
    const [a, b] = [await company.join(anna), await company.join(ben)];
    for (const client of [a, b]) await client.invoke('media.set-settings', { path: 'relay' });
    const conversation = await conversationWith(a, ben.username);
    const growth = watchMemory(relay.process);
    const { ref } = await sendFile(a, conversation, file);
    const begun = await reached(a, ref, 'active');
    const published = await reached(a, ref, 'done');
    await arrived(b, ref);
    const down = await timed(async () => {
      const done = reached(b, ref, 'done');
      await b.invoke('transfers.start', ref);
      await done;
    });
    const grown = growth();
    const saved = join(dir, 'saved');
    await b.guest.invoke('media.export', { ...ref, path: saved, remember: false });
    const equal = (await hashOf(saved)) === (await hashOf(file));
    return { up: bytes / ((published - begun) / 1_000), down, growth: grown, equal };
  } finally {
    await company.leave();
    await relay.process.stop();
  }
}

export const mediaRelayScenario: Scenario = {
  describe: `a file of ${mib(bytes)} through the relay, and by curl through a static Node server`,
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const file = join(dir, 'noise.bin');
      await writeNoise(file, bytes);
      const baseline = await curl(dir, file);
      const ours = await parley(dir, file);
      if (!ours.equal) throw new Error('The file that arrived is not the file that was sent.');
      const row = (what: string, own: number, other: number): Figure => ({
        what,
        parley: `${speed(own)} (${ratio(own / other)})`,
        baseline: speed(other),
        bound: '≥ 0.7 × curl',
        met: own / other >= 0.7,
      });
      return [
        row('relay path, upload, checked by hash and on disk', ours.up, baseline.up),
        row('relay path, download, checked and on disk', ours.down, baseline.down),
        {
          what: 'relay memory growth meanwhile',
          parley: mib(ours.growth),
          baseline: null,
          bound: '< 50 MB',
          met: ours.growth < 50e6,
        },
      ];
    }),
};

/** Files from desktop to desktop: two real apps and the relay here, beside a bare data channel between the same pages. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { MediaRef, TransferView } from '../../bridge/media-views.ts';
import { ensureDisplay } from '../../scripts/display.ts';
import { attachFiles } from '../../test/support/attach.ts';
import { probeBridge, type BridgeProbe } from '../../test/support/bridge-probe.ts';
import { ChatApp } from '../../test/support/chat-app.ts';
import { anna, ben } from '../../test/support/people.ts';
import { writeNoise, writePhoto } from '../../test/support/sample-files.ts';
import { percentile } from '../load/percentiles.ts';
import { appMemory, type AppMemory } from '../media/app-memory.ts';
import { rawChannelSpeed } from '../media/raw-channel.ts';
import { startParley } from '../relays/start.ts';
import { mib, ms, ratio, withTempDir, type Figure, type Scenario } from './scenario.ts';

const mebibyte = 1024 * 1024;
const speedBytes = 512 * mebibyte;
const memoryBytes = 2 * 1024 * mebibyte;
const textEveryMs = 250;
/** Looking takes CPU from what is measured. */
const lookEveryMs = 200;
const photos = 5;

interface Side {
  readonly app: ChatApp;
  readonly probe: BridgeProbe;
}

interface Stage {
  readonly dir: string;
  readonly a: Side;
  readonly b: Side;
}

const megabytes = (bytesPerSecond: number): string => `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`;

/**
 * Sends a file from a to b and waits until it is whole there. @returns the moments of the click on "Send" and of the end,
 * by the clock that all share.
 */
async function transfer({ a, b }: Stage, file: string): Promise<{ begun: number; ended: number }> {
  const begun = await attachFiles(a.app, [file]);
  const ref = await newestFile(b);
  await b.probe.engine('transfers.start', ref);
  return { begun, ended: await ended(b, ref) };
}

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** The file that b was sent last, once it is more recent than all it has. */
async function newestFile({ probe }: Side): Promise<MediaRef> {
  return until(async () => {
    const [conversation] = await probe.engine('conversations.list', {});
    if (!conversation) return null;
    const [newest] = await probe.engine('media.list', { conversation: conversation.id, filter: 'files' });
    return newest && !newest.media.held ? newest.ref : null;
  });
}

/** Looks at the events that b's page has, inside the page: asking from here takes CPU from what is measured. */
async function ended({ app }: Side, ref: MediaRef): Promise<number> {
  return app.page.evaluate(async ({ message, everyMs }) => {
    for (;;) {
      const changes = globalThis.bridgeProbe.engineEvents.filter(({ name }) => name === 'transfers.changed');
      for (const { at, data } of changes)
        for (const view of data as TransferView[]) {
          if (view.ref.message !== message) continue;
          if (view.state === 'failed') throw new Error(view.fault?.message ?? 'The transfer failed.');
          if (view.state === 'done') return at;
        }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }, { message: ref.message, everyMs: lookEveryMs }); // prettier-ignore
}

/** Sends short texts from a to b until told to stop. @returns how long each took from page to page, in milliseconds. */
async function texting({ a, b }: Stage, stopped: () => boolean): Promise<number[]> {
  const [conversation] = await a.probe.engine('conversations.list', {});
  if (!conversation) throw new Error('There is no conversation.');
  const sent = new Map<string, number>();
  while (!stopped()) {
    const { id, at } = await a.app.page.evaluate(async (input) => {
      const at = Date.now();
      const answer = await globalThis.bridgeProbe.call('engine', 'messages.send', input);
      return { id: answer.ok ? (answer.value as { id: string }).id : '', at };
    }, { conversation: conversation.id, text: 'Are you there?' }); // prettier-ignore
    sent.set(id, at);
    await new Promise((resolve) => setTimeout(resolve, textEveryMs));
  }
  const arrivals = await b.probe.engineEvents('messages.changed');
  const first = new Map<string, number>();
  for (const { at, data } of arrivals) for (const { id } of data.messages) if (!first.has(id)) first.set(id, at);
  return [...sent].flatMap(([id, at]) => {
    const came = first.get(id);
    return came === undefined ? [] : [came - at];
  });
}

async function measureSpeed(stage: Stage): Promise<Figure[]> {
  const raw = await rawChannelSpeed(stage.a.app.page, stage.b.app.page, speedBytes);
  const file = join(stage.dir, 'half.bin');
  await writeNoise(file, speedBytes);
  const { begun, ended: end } = await transfer(stage, file);
  const own = speedBytes / ((end - begun) / 1_000);
  return [
    {
      what: `direct, ${mib(speedBytes)}, file to file, sealing included`,
      parley: `${megabytes(own)} (${ratio(own / raw)})`,
      baseline: megabytes(raw),
      bound: '≥ 0.8 × raw channel',
      met: own / raw >= 0.8,
    },
  ];
}

/** A transfer of its own: without a graphics card, drawing the texts in two apps takes a good part of both cores. */
async function measureTexts(stage: Stage): Promise<Figure[]> {
  const file = join(stage.dir, 'beside.bin');
  await writeNoise(file, speedBytes);
  // What the bench wrote is not to be written out by the system while texts wait for the same disk.
  execFileSync('sync');
  let over = false;
  const texts = texting(stage, () => over);
  const { begun, ended: end } = await transfer(stage, file);
  over = true;
  const delays = await texts;
  const p99 = percentile(delays, 0.99);
  return [
    {
      what: `text messages beside a transfer, page to page, every ${textEveryMs} ms`,
      parley: `p50 ${ms(percentile(delays, 0.5))}, p99 ${ms(p99)} of ${delays.length}, at ${megabytes(speedBytes / ((end - begun) / 1_000))}`,
      baseline: null,
      bound: 'p99 < 50 ms',
      met: p99 < 50,
    },
  ];
}

const growthOf = (now: AppMemory, before: AppMemory): number =>
  now.main + now.engine + now.pages - before.main - before.engine - before.pages;

async function measureMemory(stage: Stage): Promise<Figure[]> {
  const file = join(stage.dir, 'large.bin');
  await writeNoise(file, memoryBytes);
  const sides = [stage.a, stage.b];
  const before = await Promise.all(sides.map(({ app }) => appMemory(app)));
  const most = [0, 0];
  let over = false;
  const watching = (async () => {
    while (!over) {
      for (const [index, { app }] of sides.entries()) {
        const start = before[index];
        if (start) most[index] = Math.max(most[index] ?? 0, growthOf(await appMemory(app), start));
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  await transfer(stage, file);
  over = true;
  await watching;
  const [sender = 0, receiver = 0] = most;
  return [
    {
      what: `memory of main, engine and pages, most growth during ${mib(memoryBytes)}`,
      parley: `sender ${mib(sender)}, receiver ${mib(receiver)}`,
      baseline: null,
      bound: '< 100 MB each',
      met: Math.max(sender, receiver) < 100e6,
    },
  ];
}

/** From the click on "Send" to the picture's thumbnail in the other page, by the clock that both pages share. */
async function measureThumbnail({ dir, a, b }: Stage): Promise<Figure[]> {
  const times: number[] = [];
  for (let count = 0; count < photos; count++) {
    const file = join(dir, `photo-${count}.jpg`);
    await writePhoto(a.app.page, file, { width: 4_000, height: 3_000, hue: count * 60 });
    const seen = b.app.page.evaluate(async () => {
      const known = new Set([...document.querySelectorAll('[role=log] img')]);
      for (;;) {
        const fresh = [...document.querySelectorAll<HTMLImageElement>('[role=log] img')].find(
          (image) => !known.has(image) && image.complete && image.naturalWidth > 0,
        );
        if (fresh) return Date.now();
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    });
    const clicked = await attachFiles(a.app, [file]);
    times.push((await seen) - clicked);
  }
  const median = percentile(times, 0.5);
  return [
    {
      what: `from "Send" to the thumbnail on the other screen (median of ${photos}, 12 megapixels)`,
      parley: `${ms(median)} (longest ${ms(Math.max(...times))})`,
      baseline: null,
      bound: '< 300 ms',
      met: median < 300,
    },
  ];
}

async function openSide(person: typeof anna, relay: string, dir: string): Promise<Side> {
  const app = await ChatApp.openAndRegister(person, relay, { dataDir: join(dir, person.username) });
  return { app, probe: await probeBridge(app.page) };
}

export const mediaDirectScenario: Scenario = {
  describe: 'files between two apps, and the same bytes through a bare data channel between their pages',
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const display = await ensureDisplay({ log: () => {} });
      Object.assign(process.env, display.env);
      const relay = await startParley(join(dir, 'relay'));
      const a = await openSide(anna, relay.address, dir);
      const b = await openSide(ben, relay.address, dir);
      try {
        await a.app.startChat(ben);
        await a.app.send('Hello');
        await b.app.openChat(anna.name);
        const stage = { dir, a, b };
        return [
          ...(await measureThumbnail(stage)),
          ...(await measureSpeed(stage)),
          ...(await measureTexts(stage)),
          ...(await measureMemory(stage)),
        ];
      } finally {
        for (const { app } of [a, b]) await app.close();
        await relay.process.stop();
        await display.stop();
      }
    }),
};

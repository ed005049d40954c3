import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { crashEngine } from '../support/engine-crash.ts';
import { launchStandIn, type StandInApp } from '../support/engine-stand-in/launch.ts';

interface PeerEvent {
  readonly name: 'peer.step' | 'peer.opened' | 'peer.closed';
  readonly data: { readonly peer: string; readonly data?: string; readonly path?: string; readonly reason?: string };
}

const mebibyte = 1024 * 1024;
let ann: StandInApp;
let bob: StandInApp;
let connections = 0;

test.beforeAll(async () => {
  [ann, bob] = await Promise.all([launchStandIn({ profile: 'ann' }), launchStandIn({ profile: 'bob' })]);
  await Promise.all([ann.act('open-peers'), bob.act('open-peers')]);
});
test.afterAll(() => Promise.all([ann.close(), bob.close()]));

const eventsOf = async (side: StandInApp, peer: string): Promise<PeerEvent[]> =>
  ((await side.act('peer-events')) as PeerEvent[]).filter(({ data }) => data.peer === peer);
const stepsOf = async (side: StandInApp, peer: string): Promise<string[]> =>
  (await eventsOf(side, peer)).filter(({ name }) => name === 'peer.step').map(({ data }) => data.data ?? '');
const call = (side: StandInApp, name: string, input: object): Promise<unknown> => side.act('peer', { name, input });
const open = (side: StandInApp, peer: string, initiator: boolean, relayed = false): Promise<unknown> =>
  call(side, 'peer.open', { peer, initiator, servers: [], relayed });
const closingsOf = async (side: StandInApp, peer: string): Promise<number> =>
  (await eventsOf(side, peer)).filter(({ name }) => name === 'peer.closed').length;

/** Hands each side's steps to the other, as signals through the relay would, until both are open. */
async function connect(): Promise<string> {
  const peer = `peer-${++connections}`;
  await open(ann, peer, true);
  await open(bob, peer, false);
  const handed = { ann: 0, bob: 0 };
  await expect(async () => {
    for (const step of (await stepsOf(ann, peer)).slice(handed.ann)) {
      handed.ann++;
      await call(bob, 'peer.step', { peer, data: step });
    }
    for (const step of (await stepsOf(bob, peer)).slice(handed.bob)) {
      handed.bob++;
      await call(ann, 'peer.step', { peer, data: step });
    }
    for (const side of [ann, bob]) {
      expect(await eventsOf(side, peer)).toContainEqual({ name: 'peer.opened', data: { peer, path: 'direct' } });
    }
  }).toPass({ timeout: 15_000, intervals: [20] });
  return peer;
}

test('frames of every size cross whole and in order, in both directions at once', async () => {
  const [peer, second] = [await connect(), await connect()];
  for (const bytes of [0, 1, 65_536, 262_142, 262_143, 262_144, 300_000, 512 * 1024]) {
    await ann.act('send', { peer, bytes, count: 2 });
  }
  await expect.poll(async () => ((await bob.act('received', { peer })) as { frames: number }).frames).toBe(16);
  const [fromAnn, fromBob] = await Promise.all([
    ann.act('send', { peer: second, bytes: 256 * 1024, count: 64 }),
    bob.act('send', { peer, bytes: 256 * 1024, count: 64 }),
  ]);
  await expect
    .poll(() => bob.act('received', { peer: second }))
    .toEqual({ bytes: 16 * mebibyte, frames: 64, hash: fromAnn });
  await expect.poll(() => ann.act('received', { peer })).toEqual({ bytes: 16 * mebibyte, frames: 64, hash: fromBob });
});

test('a fast connection grows lines, on which everything arrives and which end with it', async () => {
  test.setTimeout(90_000);
  const peer = await connect();
  const linesBefore = await inPeerPage<number>(ann, watchLines);
  const order = { peer, bytes: 256 * 1024, count: 64, anyOrder: true };
  let bursts = 0;
  await expect(async () => {
    await ann.act('send', order);
    bursts++;
    expect(await inPeerPage<number>(ann, 'watchedLines.length')).toBe(3);
  }).toPass({ timeout: 60_000, intervals: [0] });
  const after = await ann.act('send', { peer, bytes: 10, count: 3 });
  expect(typeof after).toBe('string');
  await expect
    .poll(() => bob.act('received', { peer }))
    .toMatchObject({ frames: bursts * 64 + 3, bytes: bursts * 16 * mebibyte + 30 });
  expect(linesBefore).toBe(0);
  await call(bob, 'peer.close', { peer });
  await expect.poll(() => closingsOf(ann, peer)).toBe(1);
  const states = 'watchedLines.map(({ connectionState }) => connectionState)';
  await expect.poll(() => inPeerPage<string[]>(ann, states)).toEqual(['closed', 'closed', 'closed']);
});

/** Runs in the peer page. Keeps WebRTC connections that are made from now on. */
const watchLines = `
  globalThis.watchedLines = [];
  globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(target, args) {
      const made = new target(...args);
      watchedLines.push(made);
      return made;
    },
  });
  watchedLines.length`;

/** @returns what the code gives in the page. */
async function inPeerPage<T>(side: StandInApp, code: string): Promise<T> {
  return side.app.evaluate(async ({ webContents }, source) => {
    const isPeer = (contents: Electron.WebContents) => contents.getURL().startsWith('parley-app://peer/');
    return webContents.getAllWebContents().find(isPeer)?.executeJavaScript(source) as Promise<T>;
  }, code);
}

test('the addresses that are offered are real ones, not names that few networks carry', async () => {
  const peer = await connect();
  const candidates = (await stepsOf(ann, peer)).filter((step) => step.includes('typ host'));
  expect(candidates.length).toBeGreaterThan(0);
  expect(candidates.filter((step) => step.includes('.local'))).toEqual([]);
});

test('either side closes a connection; each hears of it once, and sending fails from then on', async () => {
  const peer = await connect();
  await call(ann, 'peer.close', { peer });
  for (const side of [ann, bob]) await expect.poll(() => closingsOf(side, peer)).toBe(1);
  for (const side of [ann, bob]) {
    await expect(side.act('send', { peer, bytes: 10, count: 1 })).rejects.toThrow('unreachable');
    await call(side, 'peer.close', { peer });
    await call(side, 'peer.step', { peer, data: '{}' });
    expect(await closingsOf(side, peer)).toBe(1);
  }
});

test('a sender that waits for room hears it when the connection is closed meanwhile', async () => {
  const peer = await connect();
  const sending = expect(ann.act('send', { peer, bytes: 512 * 1024, count: 4_000 })).rejects.toThrow('unreachable');
  await expect
    .poll(async () => ((await bob.act('received', { peer })) as { frames: number } | undefined)?.frames ?? 0)
    .toBeGreaterThan(0);
  await call(bob, 'peer.close', { peer });
  await sending;
});

test('steps that make no sense end that connection alone', async () => {
  const good = await connect();
  const hostile = [
    'no json',
    '{}',
    JSON.stringify({ type: 'renegotiate', renegotiate: true }),
    JSON.stringify({ type: 'offer', sdp: 'v=0' }),
    JSON.stringify({ type: 'answer', sdp: 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n' }),
    JSON.stringify({ type: 'candidate', candidate: { candidate: 'candidate:x', sdpMLineIndex: null, sdpMid: null } }),
  ];
  for (const data of hostile) {
    const peer = `peer-${++connections}`;
    await open(ann, peer, true);
    await expect.poll(async () => (await stepsOf(ann, peer)).length).toBeGreaterThan(0);
    await call(ann, 'peer.step', { peer, data });
    if (data.includes('candidate'))
      await call(ann, 'peer.step', { peer, data: JSON.stringify({ type: 'answer', sdp: 'v=0' }) });
    await expect.poll(() => closingsOf(ann, peer), data).toBe(1);
  }
  const hash = await ann.act('send', { peer: good, bytes: 1_000, count: 3 });
  await expect.poll(() => bob.act('received', { peer: good })).toMatchObject({ hash });
});

test('with TURN alone and no server for it no address is offered', async () => {
  const peer = `peer-${++connections}`;
  await open(ann, peer, true, true);
  await expect.poll(async () => (await stepsOf(ann, peer)).some((step) => step.includes('"offer"'))).toBe(true);
  await expect(open(ann, peer, true)).rejects.toThrow('bad_request');
  const direct = await connect();
  expect((await stepsOf(ann, direct)).some((step) => step.includes('typ host'))).toBe(true);
  expect((await stepsOf(ann, peer)).filter((step) => step.includes('typ '))).toEqual([]);
});

test('whatever moves files gives way to windows and messages', async () => {
  test.skip(process.platform !== 'linux', 'Other systems tell nobody.');
  await connect();
  const processes = await ann.app.evaluate(({ app, webContents }) => {
    const isPeer = (contents: Electron.WebContents) => contents.getURL().startsWith('parley-app://peer/');
    const page = webContents.getAllWebContents().find(isPeer)?.getOSProcessId() ?? 0;
    const network = app.getAppMetrics().find(({ serviceName }) => serviceName === 'network.mojom.NetworkService');
    return { page, network: network?.pid ?? 0, shell: process.pid };
  });
  for (const pid of [processes.page, processes.network]) await expect.poll(() => Math.min(...nicenesses(pid))).toBe(10);
  expect(Math.min(...nicenesses(processes.shell))).toBeLessThan(10);
});

/** Of all threads of a process. */
function nicenesses(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    // The name in brackets, which may have spaces in it, is field 2; the niceness is field 19.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

test('a peer page that crashes closes its port, the other side notices, and a new page serves again', async () => {
  const peer = await connect();
  const closedBefore = (await ann.act('ports-closed')) as number;
  await ann.app.evaluate(({ webContents }) =>
    webContents
      .getAllWebContents()
      .find((contents) => contents.getURL().startsWith('parley-app://peer/'))
      ?.forcefullyCrashRenderer(),
  );
  await expect.poll(() => ann.act('ports-closed')).toBe(closedBefore + 1);
  await expect.poll(() => closingsOf(bob, peer), { timeout: 25_000 }).toBe(1);
  await ann.act('open-peers');
  await connect();
  expect(readFileSync(join(ann.dataDir, 'main.log'), 'utf8')).toContain('peer-page.failed');
});

test('the peer page is in no window, and goes when the engine wants it no more or ends', async () => {
  const pages = (side: StandInApp): Promise<string[]> =>
    side.app.evaluate(({ webContents, BrowserWindow }) =>
      webContents
        .getAllWebContents()
        .filter((contents) => BrowserWindow.fromWebContents(contents) === null)
        .map((contents) => contents.getURL()),
    );
  expect(await pages(ann)).toEqual(['parley-app://peer/index.html']);
  expect(await ann.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  const closedAtFirst = (await ann.act('ports-closed')) as number;
  await ann.act('open-peers');
  await expect.poll(() => ann.act('ports-closed')).toBe(closedAtFirst + 1);
  await expect.poll(() => pages(ann)).toHaveLength(1);
  const closedBefore = (await ann.act('ports-closed')) as number;
  await ann.act('close-peers');
  await expect.poll(() => pages(ann)).toEqual([]);
  await expect.poll(() => ann.act('ports-closed')).toBe(closedBefore + 1);

  await crashEngine(bob.app);
  await expect.poll(() => pages(bob)).toEqual([]);
  await expect(async () => bob.act('open-peers')).toPass({ timeout: 15_000, intervals: [50] });
});

/** The client of `docs/protocol.md`, run as a reader would run it, talks to a real relay. */
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

const example = resolve(import.meta.dirname, '../../../docs/examples/minimal-client.mjs');
const running: ChildProcess[] = [];
let relay: TestRelay;
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  await relay.stop();
});

function runExample(...args: string[]): () => string {
  const child = spawn(process.execPath, [example, relay.address, ...args]);
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  return () => output;
}

it('two of the example clients of the protocol page chat, and the one that was away gets everything in order', async () => {
  relay = await startRelay();
  const bobBefore = runExample('bob', 'a long password');
  await expect
    .poll(async () => (await relay.store.accounts.byUsername('bob'))?.username, { timeout: 10_000 })
    .toBe('bob');

  const alice = runExample('alice', 'a long password', 'bob', 'Hello Bob');
  await expect.poll(alice, { timeout: 10_000 }).toContain('1 alice: Hello Bob');
  await expect.poll(bobBefore, { timeout: 10_000 }).toContain('Hello Bob');

  const bobAgain = runExample('bob', 'a long password', 'alice', 'Hello Alice');
  await expect.poll(bobAgain, { timeout: 10_000 }).toMatch(/1 alice: Hello Bob\n2 bob: Hello Alice/);
  await expect.poll(alice, { timeout: 10_000 }).toContain('2 bob: Hello Alice');
  await expect.poll(bobBefore, { timeout: 10_000 }).toContain('2 bob: Hello Alice');
});

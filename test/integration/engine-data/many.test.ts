/** A long history: its export and its backup leave the engine free for what people do meanwhile. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../support/engine-client.ts';
import { jobOver, namesIn } from '../../support/engine-data.ts';
import { converse, eventually, fillLog, online, openPerson, record } from '../../support/engine-people.ts';
import { startRelay } from '../../support/start-relay.ts';

const count = 20_000;

test('an export and a backup of 20,000 messages let the engine answer all the time', { timeout: 120_000 }, async () => {
  const relay = await startRelay();
  onTestFinished(() => relay.stop());
  const place = await temporaryFolder();
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await bob.stop();
  await alice.stop();
  await fillLog(relay, conversation, bob, count);
  const again = await openPerson(relay.address, 'alice', { known: true, dataDir: alice.dataDir });
  await online(again);
  await eventually(async () => {
    const page = await again.invoke('messages.page', { conversation, anchor: { at: 'latest' }, limit: 1 });
    expect(page.messages[0]?.seq).toBe(count);
  }, 60_000);
  const jobs = record(again, 'data.job-changed');

  for (const name of ['data.export', 'data.backup'] as const) {
    const over = jobOver(again);
    if (name === 'data.export') await again.guest.invoke(name, { folder: join(place, 'export') });
    else await again.guest.invoke(name, { file: join(place, 'backup'), passphrase: 'a passphrase' });
    const slowest = await slowestAnswer(
      () => again.invoke('conversations.list', { limit: 10 }),
      over.then(() => {}),
    );
    expect((await over).state).toBe('done');
    expect(slowest).toBeLessThan(100);
  }
  expect((await again.invoke('data.job'))?.result?.messages).toBe(count);
  const told = jobs.filter(({ state }) => state === 'running');
  expect(told.length).toBeGreaterThan(2);
  for (const { done, total } of told) expect(done).toBeLessThanOrEqual(total);

  const pages = namesIn(join(place, 'export/conversations')).filter((name) => / Bob.*\.html$/.test(name));
  expect(pages).toHaveLength(count / 2_000);
  const first = readFileSync(join(place, 'export/conversations/0001 Bob.html'), 'utf8');
  const last = readFileSync(join(place, 'export/conversations/0001 Bob - 10.html'), 'utf8');
  expect(first).toContain('href="0001%20Bob%20-%202.html"');
  expect(first).toContain('Message 2000:');
  expect(first).not.toContain('Message 2001:');
  expect(last).toContain('Message 20000:');
  expect(last).toContain('href="0001%20Bob%20-%209.html"');
});

/**
 * @returns the milliseconds of processor time that the slowest of all answers took, asked one after another until it is
 * over: what else this computer has to do does not count.
 */
async function slowestAnswer(ask: () => Promise<unknown>, over: Promise<void>): Promise<number> {
  let isOver = false;
  void over.then(() => (isOver = true));
  let slowest = 0;
  while (!isOver) {
    const before = process.threadCpuUsage();
    // An answer in this process comes without a turn of the event loop; one over a port waits for it.
    await nextTurn();
    await ask();
    const { user, system } = process.threadCpuUsage(before);
    slowest = Math.max(slowest, (user + system) / 1_000);
  }
  return slowest;
}

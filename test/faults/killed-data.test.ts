/** Power cuts in the middle of an export or a backup: there is all of it or nothing, and no leavings. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/engine-client.ts';
import { namesIn, runJob } from '../support/engine-data.ts';
import { killInJob } from '../support/engine-data-kill.ts';
import { sendFiles, stagedFile } from '../support/engine-files.ts';
import { converse, eventually, online, openPerson, texts } from '../support/engine-people.ts';
import { madeUpBytes } from '../support/engine-vault.ts';
import { startRelay } from '../support/start-relay.ts';

test.each(['export', 'backup'] as const)(
  'an engine killed in the middle (%s) leaves what was there before, or all that is new',
  async (job) => {
    const relay = await startRelay();
    onTestFinished(() => relay.stop());
    const alice = await openPerson(relay.address, 'alice');
    const bob = await openPerson(relay.address, 'bob');
    const conversation = await converse(alice, bob);
    await online(alice);
    const film = await stagedFile(alice, 'film.bin', madeUpBytes(15_000_000), {}, 1_000_000);
    await sendFiles(alice, conversation, [film], 'a film');
    await eventually(async () => expect(await texts(bob, conversation)).toHaveLength(1));
    await alice.stop();

    const place = await temporaryFolder();
    const to = join(place, 'copy');
    if (job === 'backup') writeFileSync(to, 'the one before');
    const states: string[] = [];
    for (const afterTold of [1, 2]) {
      states.push(await killInJob({ dataDir: alice.dataDir, address: relay.address, job, to }, afterTold));
      const again = await openPerson(relay.address, 'alice', { known: true, dataDir: alice.dataDir });
      await eventually(() => expect(namesIn(place)).toEqual(job === 'backup' || existsSync(to) ? ['copy'] : []));
      await eventually(() => expect(namesIn(alice.dataDir).filter((name) => /part|unfinished/.test(name))).toEqual([]));
      expect(await texts(again, conversation)).toHaveLength(1);
      if (job === 'backup')
        expect(readFileSync(to).subarray(0, 14).toString()).toMatch(/^(the one before|Parley backup )$/);
      else if (existsSync(to)) expect(namesIn(to)).toContain('parley-export.json');
      await again.stop();
    }
    expect(states).toContain('running');

    const last = await openPerson(relay.address, 'alice', { known: true, dataDir: alice.dataDir });
    const target = join(place, 'another');
    const done =
      job === 'export'
        ? await runJob(last, 'data.export', { folder: target })
        : await runJob(last, 'data.backup', { file: target, passphrase: 'a passphrase' });
    expect(done).toMatchObject({ state: 'done', result: { messages: 1, files: 1 } });
  },
);

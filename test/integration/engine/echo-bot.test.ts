/** The example of a headless client does what it says. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../support/engine-client.ts';
import { converse, eventually, openPerson, password, texts } from '../../support/engine-people.ts';
import { startRelay } from '../../support/start-relay.ts';

const example = resolve(import.meta.dirname, '../../../docs/examples/echo-bot.ts');

test('the echo bot answers what was said while it was away and while it runs, each once', async () => {
  const relay = await startRelay();
  onTestFinished(() => relay.stop());
  const alice = await openPerson(relay.address, 'alice');
  const echo = await openPerson(relay.address, 'echo');
  const conversation = await converse(alice, echo);
  await echo.stop();
  await alice.invoke('messages.send', { conversation, text: 'are you there?' });

  const env = { ...process.env, PARLEY_PASSWORD: password };
  const bot = spawn(process.execPath, [example, relay.address, 'echo', await temporaryFolder()], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | null>((done) => bot.once('exit', done));
  onTestFinished(() => void bot.kill('SIGKILL'));
  await eventually(async () => expect(await texts(alice, conversation)).toEqual(['are you there?', 'are you there?']));
  await alice.invoke('messages.send', { conversation, text: 'good' });
  await eventually(async () => expect((await texts(alice, conversation)).slice(2)).toEqual(['good', 'good']));
  bot.kill('SIGTERM');
  expect(await ended).toBe(0);
});

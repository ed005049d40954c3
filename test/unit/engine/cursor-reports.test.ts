/** What a device tells of its cursors stands at the relay in the end, even if the relay could not keep it at first. */
import { expect, test } from 'vitest';
import { scriptedSetting, sealedText } from '../../support/engine-client.ts';

test('a cursor that the relay could not keep is told again, ever less often, until the relay has it', async () => {
  const { clock, relay, open } = await scriptedSetting();
  const conversation = relay.addConversation();
  const client = await open();
  await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  relay.keepsNoCursors = true;
  relay.say(conversation, { payload: sealedText('hello') });
  const told = () => relay.received.filter(({ type }) => type === 'cursor').length;
  await clock.until(() => told() > 0);
  await client.invoke('conversations.mark-read', { conversation, seq: 1 });
  const since = clock.monotonic();
  const few = told() + 8;
  await clock.until(() => told() >= few);
  expect(clock.monotonic() - since).toBeGreaterThan(30_000);
  expect(relay.logOf(conversation).cursors.get(relay.self.id)).toBeUndefined();

  relay.keepsNoCursors = false;
  await clock.until(() => relay.logOf(conversation).cursors.get(relay.self.id)?.read === 1);
  const enough = told();
  await clock.advance(600_000);
  expect(told()).toBe(enough);
});

/** Many conversations at once: the window is shared fairly, a stuck one holds up nobody, and a first sync stays in bounds. */
import { expect, test } from 'vitest';
import { allMessages, scriptedSetting, sealedText } from '../../support/engine-client.ts';
import { record } from '../../support/engine-people.ts';

test('more conversations than the window holds all get their turn, and a refused one holds up nobody', async () => {
  const { relay, clock, open } = await scriptedSetting();
  const conversations = Array.from({ length: 80 }, () => relay.addConversation());
  const client = await open();
  await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  relay.up = false;
  relay.cut();
  for (const conversation of conversations) {
    for (const text of ['first', 'second']) await client.invoke('messages.send', { conversation, text });
  }
  const stuck = conversations[0];
  relay.verdict = ({ conversation }) =>
    conversation === stuck ? { do: 'refuse', code: 'storage_full' } : { do: 'accept' };
  relay.up = true;
  await clock.until(() => conversations.slice(1).every((id) => relay.logOf(id).messages.length === 2));
  expect(stuck && relay.logOf(stuck).messages).toHaveLength(0);
  relay.verdict = () => ({ do: 'accept' });
  await clock.until(() => !!stuck && relay.logOf(stuck).messages.length === 2);
});

test('a first sync of a thousand conversations is complete and told in portions', async () => {
  const { relay, clock, open } = await scriptedSetting();
  const conversations = Array.from({ length: 1_000 }, () => relay.addConversation());
  for (const id of conversations) for (const text of ['a', 'b']) relay.append(id, { payload: sealedText(text) });
  const client = await open();
  const portions = record(client, 'conversations.changed');
  const totals: number[] = [];
  client.guest.on('unread.changed', ({ total }) => totals.push(total));
  await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  await clock.until(() => totals.at(-1) === 2_000);
  await clock.advance(5_000);
  expect(Math.max(...portions.map((portion) => portion.length))).toBeLessThanOrEqual(100);
  expect(new Set(portions.flat().map(({ id }) => id)).size).toBe(1_000);
  const last = conversations.at(-1);
  expect(last && (await allMessages(client, last))).toHaveLength(2);
  const delivered = () => relay.received.filter((frame) => frame.type === 'cursor' && frame.delivered === 2).length;
  await clock.until(() => delivered() === 1_000);
});

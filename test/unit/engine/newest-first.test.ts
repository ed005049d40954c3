/** Long conversations: their newest messages are shown first, older ones as somebody scrolls back, and all end up as one log. */
import { expect, test } from 'vitest';
import type { HeadlessClient } from '../../../main/engine/headless.ts';
import type { ConversationId, MessageId, RelayFrame } from '../../../protocol/index.ts';
import { allMessages, scriptedSetting, sealedText, textOf, type ScriptedSetting } from '../../support/engine-client.ts';
import { settle } from '../../support/engine-clock.ts';

/** A relay that answers what it is asked, while what it sends by itself is held back. */
async function slowSetting(count: number) {
  const setting = await scriptedSetting();
  const { relay } = setting;
  const conversation = relay.addConversation();
  const say = (from: number, to: number) => {
    for (let seq = from; seq <= to; seq++) relay.append(conversation, { payload: sealedText(`m${seq}`) });
  };
  say(1, count);
  const held: RelayFrame[] = [];
  const hold = () => {
    relay.meddle = (frames) => {
      const isStream = ({ type }: RelayFrame) => type === 'deliver' || type === 'synced';
      held.push(...frames.filter(isStream));
      return frames.filter((frame) => !isStream(frame));
    };
  };
  hold();
  return {
    ...setting,
    conversation,
    say,
    hold,
    /** The line is fast again, and what was on it arrives. */
    release(parts = held.length) {
      relay.meddle = (frames) => frames;
      relay.tell(...held.splice(0, parts));
    },
    forget: () => void held.splice(0),
  };
}

async function latest(client: HeadlessClient, conversation: ConversationId) {
  const { messages, hasOlder } = await client.invoke('messages.page', { conversation, anchor: { at: 'latest' } });
  return { texts: messages.map(textOf), hasOlder, first: messages[0], last: messages.at(-1) };
}

async function expectWhole(
  { clock, relay }: ScriptedSetting,
  client: HeadlessClient,
  conversation: ConversationId,
): Promise<void> {
  const { length } = relay.logOf(conversation).messages;
  await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  await clock.until(async () => (await allMessages(client, conversation)).length === length);
  const seqs = (await allMessages(client, conversation)).map(({ seq }) => seq);
  expect(seqs).toEqual(Array.from({ length }, (_, index) => index + 1));
  expect((await client.invoke('conversations.get', { conversation })).unread).toBe(length);
}

test('the newest messages are there while thousands before them are on their way, and older ones as one scrolls', async () => {
  const setting = await slowSetting(2_000);
  const { conversation } = setting;
  const client = await setting.open();
  await settle();

  const page = await latest(client, conversation);
  expect(page.texts.at(-1)).toBe('m2000');
  expect(page.hasOlder).toBe(true);
  const older = await client.invoke('messages.page', {
    conversation,
    anchor: { at: 'older', than: page.first?.order ?? 0 },
  });
  expect(textOf(older.messages.at(-1) ?? raise())).toBe(`m${(page.first?.seq ?? 0) - 1}`);
  expect((await client.invoke('conversations.get', { conversation })).preview).toMatchObject({ text: 'm2000' });

  setting.release();
  await expectWhole(setting, client, conversation);
});

test('what is said meanwhile is shown and told at once', async () => {
  const setting = await slowSetting(2_000);
  const { conversation, relay } = setting;
  const client = await setting.open();
  const arrived: MessageId[] = [];
  client.guest.on('message.arrived', ({ message }) => arrived.push(message));
  await settle();
  await latest(client, conversation);
  const envelope = relay.append(conversation, { payload: sealedText('are you there?') });
  relay.meddle = (frames) => frames;
  relay.tell({ type: 'deliver', conversation, messages: [envelope] });
  await settle();
  expect((await latest(client, conversation)).texts.at(-1)).toBe('are you there?');
  await setting.clock.until(() => arrived.includes(envelope.id));

  setting.release();
  await expectWhole(setting, client, conversation);
});

test('without a relay the newest messages stay, and scrolling back says why it ends', async () => {
  const setting = await slowSetting(2_000);
  const { conversation, relay } = setting;
  const first = await setting.open();
  await settle();
  await latest(first, conversation);
  await first.stop();
  relay.up = false;
  setting.forget();

  const client = await setting.open();
  const page = await latest(client, conversation);
  expect(page.texts.at(-1)).toBe('m2000');
  expect(page.hasOlder).toBe(true);
  const older = client.invoke('messages.page', { conversation, anchor: { at: 'older', than: page.first?.order ?? 0 } });
  await expect(older).rejects.toThrow('not on this computer yet');

  relay.up = true;
  relay.meddle = (frames) => frames;
  await expectWhole(setting, client, conversation);
});

test('after another absence the newest are fetched anew, and nothing is counted twice', async () => {
  const setting = await slowSetting(2_000);
  const { conversation, relay } = setting;
  const client = await setting.open();
  await settle();
  setting.release(1);
  await settle();
  setting.hold();
  setting.say(2_001, 4_000);
  relay.cut();
  await setting.clock.until(async () => (await client.invoke('connection.get')).state === 'syncing');
  setting.forget();
  expect((await latest(client, conversation)).texts.at(-1)).toBe('m4000');

  relay.meddle = (frames) => frames;
  relay.cut();
  await expectWhole(setting, client, conversation);
});

test('answers that the relay cuts short are asked for to their end', async () => {
  const setting = await slowSetting(2_000);
  const { conversation, relay } = setting;
  const holdBack = relay.meddle;
  relay.meddle = (frames) =>
    holdBack(frames).map((frame) =>
      frame.type === 'fetched' ? { ...frame, messages: frame.messages.slice(0, 7) } : frame,
    );
  const client = await setting.open();
  await settle();
  const page = await latest(client, conversation);
  expect(page.texts.at(-1)).toBe('m2000');
  expect(page.texts.length).toBeGreaterThan(7);

  setting.release();
  await expectWhole(setting, client, conversation);
});

test('a relay that went back behind the newest messages has them shown as lost', async () => {
  const setting = await slowSetting(2_000);
  const { conversation, relay } = setting;
  const client = await setting.open();
  await settle();
  await latest(client, conversation);
  setting.forget();
  relay.logOf(conversation).messages.splice(1_990);
  relay.meddle = (frames) => frames;
  relay.cut();

  await setting.clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  await setting.clock.until(async () => (await allMessages(client, conversation)).length === 2_000);
  const messages = await allMessages(client, conversation);
  expect(messages.map(textOf)).toEqual(Array.from({ length: 2_000 }, (_, index) => `m${index + 1}`));
  expect(messages.filter(({ state }) => state === 'lost').map(textOf)).toEqual(
    Array.from({ length: 10 }, (_, index) => `m${1_991 + index}`),
  );
});

function raise(): never {
  throw new Error('There is no such message.');
}

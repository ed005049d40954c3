/** What an account's devices share, against a relay in the test's hands: refusals, old backups, broken values, clocks. */
import { expect, test } from 'vitest';
import { accountValueName, decodeContent, encodeContent, type ConversationId } from '../../../protocol/index.ts';
import { scriptedSetting, sealedText } from '../../support/engine-client.ts';
import { settle } from '../../support/engine-clock.ts';
import { record } from '../../support/engine-people.ts';
import type { EngineRelay } from '../../support/engine-relay.ts';

type Values = { readonly name: string; readonly value: string | null }[];

/** Online, with the conversation with oneself and two others. */
async function connected() {
  const setting = await scriptedSetting();
  const { relay, clock } = setting;
  const own = relay.addConversation([relay.self.id]);
  const [one, other] = [relay.addConversation(), relay.addConversation()];
  const client = await setting.open();
  const toOnline = () => clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  await toOnline();
  const view = (conversation: ConversationId) => client.invoke('conversations.get', { conversation });
  const settled = () => clock.advance(5_000);
  return { ...setting, client, own, one, other, toOnline, view, settled };
}

/** What the plain sealer makes of values. */
function sealedValues(values: Values): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0, ...encodeContent({ kind: 'account', values })]);
}

function valuesOf(payload: Uint8Array): Values {
  const content = decodeContent(payload.subarray(1));
  return content.kind === 'account' ? content.values : [];
}

function saidBy(relay: EngineRelay, own: ConversationId): Values[] {
  return relay.logOf(own).messages.map(({ payload }) => valuesOf(payload));
}

test('a value that the relay never takes holds up no other, shows here, and is tried again with each connection', async () => {
  const { client, relay, own, one, other, view, settled, toOnline } = await connected();
  let tries = 0;
  relay.verdict = ({ payload }) => {
    const isBad = valuesOf(payload).some(({ name }) => name === `pin:${one}`);
    if (isBad && valuesOf(payload).length === 1) tries++;
    return isBad ? { do: 'refuse', code: 'payload_too_large' } : { do: 'accept' };
  };
  await client.invoke('conversations.pin', { conversation: one, pinned: true });
  await client.invoke('conversations.pin', { conversation: other, pinned: true });
  await settled();
  expect(
    saidBy(relay, own)
      .flat()
      .map(({ name }) => name),
  ).toEqual([`pin:${other}`]);
  await client.invoke('conversations.mute', { conversation: one, mute: { forMs: null } });
  await settled();
  expect(
    saidBy(relay, own)
      .flat()
      .map(({ name }) => name),
  ).toEqual([`pin:${other}`, `mute:${one}`]);
  expect((await view(one)).pinnedAt).not.toBeNull();
  expect((await view(own)).failed).toBe(0);
  const before = tries;
  relay.cut();
  await toOnline();
  await settled();
  expect(tries).toBe(before + 1);
  relay.verdict = () => ({ do: 'accept' });
  relay.cut();
  await toOnline();
  await settled();
  expect(
    saidBy(relay, own)
      .flat()
      .map(({ name }) => name),
  ).toContain(`pin:${one}`);
});

test('what was changed again and again while away goes out once, in one message', async () => {
  const { client, relay, clock, own, one, other, settled, toOnline } = await connected();
  relay.up = false;
  relay.cut();
  for (const pinned of [true, false, true]) await client.invoke('conversations.pin', { conversation: one, pinned });
  for (const text of ['h', 'he', 'hello']) {
    await client.invoke('drafts.set', { conversation: other, text });
    await clock.advance(4_000);
  }
  relay.up = true;
  await toOnline();
  await settled();
  const [values, ...more] = saidBy(relay, own);
  expect(more).toEqual([]);
  expect(values?.map(({ name }) => name)).toEqual([`draft:${other}`, `pin:${one}`]);
  expect(values?.[0]?.value).toBe('{"text":"hello"}');
});

test('a relay put back to an old backup is told again what it lost', async () => {
  const { client, relay, own, one, other, settled, toOnline } = await connected();
  await client.invoke('conversations.pin', { conversation: one, pinned: true });
  await settled();
  await client.invoke('conversations.pin', { conversation: other, pinned: true });
  await settled();
  const lost = relay.logOf(own).messages.splice(1);
  expect(lost).toHaveLength(1);
  relay.cut();
  await toOnline();
  await settled();
  expect(saidBy(relay, own).map((values) => values.map(({ name }) => name))).toEqual([
    [`pin:${one}`],
    [`pin:${other}`],
  ]);
});

test('where another message stands for one of ours in an older log, the value is said again', async () => {
  const { client, relay, own, one, other, settled, toOnline } = await connected();
  await client.invoke('conversations.pin', { conversation: one, pinned: true });
  await settled();
  relay.cut();
  relay.logOf(own).messages.splice(0);
  relay.append(own, {
    user: relay.self.id,
    payload: sealedValues([{ name: `mute:${other}`, value: '{"until":null}' }]),
  });
  // The device does not notice before it is shown the message that took the place.
  await toOnline();
  relay.tell({ type: 'deliver', conversation: own, messages: relay.logOf(own).messages });
  await settled();
  expect(saidBy(relay, own).map((values) => values.map(({ name }) => name))).toEqual([
    [`mute:${other}`],
    [`pin:${one}`],
  ]);
  expect(await client.invoke('conversations.get', { conversation: other })).toMatchObject({ muted: true });
});

test('account values count only in the conversation with oneself', async () => {
  const { client, relay, one, view, settled } = await connected();
  const payload = sealedValues([{ name: `pin:${one}`, value: '{"at":5}' }]);
  relay.say(one, { payload });
  relay.say(one, { payload, user: relay.self.id });
  await settled();
  expect(await view(one)).toMatchObject({ pinnedAt: null, unread: 0, preview: null });
  expect((await client.invoke('messages.page', { conversation: one, anchor: { at: 'latest' } })).messages).toEqual([]);
});

test('values that this version does not know, or that are broken, are passed over and harm nothing', async () => {
  const { relay, own, one, other, view, settled } = await connected();
  const values = [
    { name: 'colour', value: '"red"' },
    { name: 'pin:nobody', value: '{"at":1}' },
    { name: `pin:${one}`, value: 'not json' },
    { name: `mute:${one}`, value: '{"until":"tomorrow"}' },
    { name: `shape:${one}`, value: '{}' },
    { name: `pin:${other}`, value: '{"at":7,"colour":"red"}' },
  ];
  relay.say(own, { user: relay.self.id, payload: sealedValues(values) });
  await settled();
  expect(await view(one)).toMatchObject({ pinnedAt: null, muted: false });
  expect(await view(other)).toMatchObject({ pinnedAt: 7 });
});

test('a conversation that this device hears of later has the marks that were set before', async () => {
  const { client, relay, own, view, settled, toOnline } = await connected();
  const late = relay.addConversation();
  const values = [
    { name: accountValueName('pin', late), value: '{"at":9}' },
    { name: accountValueName('draft', late), value: '{"text":"begun"}' },
  ];
  relay.say(own, { user: relay.self.id, payload: sealedValues(values) });
  await settled();
  await expect(client.invoke('conversations.get', { conversation: late })).rejects.toMatchObject({ code: 'not_found' });
  relay.cut();
  await toOnline();
  expect(await view(late)).toMatchObject({ pinnedAt: 9, draft: 'begun' });
});

test('a mute ends at the relay’s time, whatever this machine’s clock does and also while Parley was closed', async () => {
  const { client, clock, relay, open, one, view, settled } = await connected();
  const hour = 3_600_000;
  await client.invoke('conversations.mute', { conversation: one, mute: { forMs: hour } });
  clock.skew = 24 * hour;
  await clock.advance(hour - 60_000);
  expect((await view(one)).muted).toBe(true);
  const changed = record(client, 'conversations.changed');
  await clock.advance(2 * 60_000);
  expect((await view(one)).muted).toBe(false);
  expect(changed.flat().some(({ id, muted }) => id === one && !muted)).toBe(true);

  clock.skew = 0;
  await client.invoke('conversations.mute', { conversation: one, mute: { forMs: hour } });
  await settled();
  relay.up = false;
  await client.stop();
  await clock.advance(2 * hour);
  const back = await open();
  await settle();
  relay.up = true;
  await clock.until(async () => (await back.invoke('connection.get')).state === 'online');
  expect(await back.invoke('conversations.get', { conversation: one })).toMatchObject({
    muted: false,
    mutedUntil: null,
  });
});

test('nothing is signalled to oneself while typing a note', async () => {
  const { client, relay, own, one, settled } = await connected();
  await client.invoke('typing.set', { conversation: own, typing: true });
  await client.invoke('typing.set', { conversation: one, typing: true });
  await settled();
  const signalled = relay.received.flatMap((frame) => (frame.type === 'signal' ? [frame.conversation] : []));
  expect(signalled).toEqual([one]);
});

test('changes of one’s values raise neither the place of the notes in the list nor any count', async () => {
  const { client, relay, clock, own, one, other, view, settled, toOnline } = await connected();
  relay.say(own, { user: relay.self.id, payload: sealedText('an old note') });
  await settled();
  const { activeAt } = await view(own);
  await clock.advance(60_000);
  relay.say(other, { payload: sealedText('newer') });
  await client.invoke('conversations.pin', { conversation: one, pinned: true });
  await settled();
  relay.cut();
  await toOnline();
  await settled();
  expect(await view(own)).toMatchObject({ activeAt, unread: 0, preview: { text: 'an old note' } });
  expect((await client.invoke('conversations.list', {})).map(({ id }) => id)).toEqual([one, other, own]);
});

test('a text that is sent without a rest is told of as a message only', async () => {
  const { client, relay, clock, own, one, settled } = await connected();
  await client.invoke('typing.set', { conversation: one, typing: true });
  for (const text of ['he', 'hell', 'hello']) {
    await client.invoke('drafts.set', { conversation: one, text });
    await clock.advance(2_000);
  }
  // As the composer does when a person presses Enter.
  await client.invoke('typing.set', { conversation: one, typing: false });
  await client.invoke('drafts.set', { conversation: one, text: '' });
  await client.invoke('messages.send', { conversation: one, text: 'hello' });
  await settled();
  expect(relay.logOf(one).messages).toHaveLength(1);
  expect(relay.logOf(own).messages).toEqual([]);
});

test('a draft is told of when the typing rests, and sooner when the person stopped', async () => {
  const { client, relay, clock, own, one, other } = await connected();
  const told = () =>
    saidBy(relay, own)
      .flat()
      .map(({ name }) => name);
  await client.invoke('drafts.set', { conversation: one, text: 'typing' });
  await client.invoke('drafts.set', { conversation: other, text: 'stopped' });
  await client.invoke('typing.set', { conversation: other, typing: false });
  await clock.advance(1_500);
  expect(told()).toEqual([`draft:${other}`]);
  await clock.advance(3_000);
  expect(told()).toEqual([`draft:${other}`, `draft:${one}`]);
});

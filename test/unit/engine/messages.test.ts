/** Messages as the screens see them: pages, unknown kinds, failures, taking back, and relays that went back in time. */
import { expect, test } from 'vitest';
import type { HeadlessClient } from '../../../main/engine/headless.ts';
import { plainSealer } from '../../../main/engine/sealing/plain-sealer.ts';
import { blobIdSchema, createId, encodeContent, encodeOne, type MessageId } from '../../../protocol/index.ts';
import { allMessages, scriptedSetting, sealedText, textOf } from '../../support/engine-client.ts';
import { settle } from '../../support/engine-clock.ts';
import { record } from '../../support/engine-people.ts';

const emptyBlob = { blob: blobIdSchema.parse('ab'.repeat(32)), key: new Uint8Array(32) };

async function conversing(count = 0) {
  const setting = await scriptedSetting();
  const conversation = setting.relay.addConversation();
  for (let seq = 1; seq <= count; seq++) setting.relay.append(conversation, { payload: sealedText(`m${seq}`) });
  const client = await setting.open();
  await setting.clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  return { ...setting, client, conversation };
}

test('pages begin at the end, at the first unread, before, after and around a message', async () => {
  const { client, conversation, relay } = await conversing(200);
  const page = (anchor: Parameters<typeof client.invoke<'messages.page'>>[1]['anchor'], limit = 30) =>
    client.invoke('messages.page', { conversation, anchor, limit });
  const span = ({ messages }: Awaited<ReturnType<typeof page>>) => [
    messages[0]?.seq,
    messages.at(-1)?.seq,
    messages.length,
  ];

  const latest = await page({ at: 'latest' });
  expect(span(latest)).toEqual([171, 200, 30]);
  expect(latest).toMatchObject({ hasOlder: true, hasNewer: false });
  expect(span(await page({ at: 'older', than: 171 }))).toEqual([141, 170, 30]);
  const oldest = await page({ at: 'older', than: 11 });
  expect(span(oldest)).toEqual([1, 10, 10]);
  expect(oldest).toMatchObject({ hasOlder: false, hasNewer: true });
  expect(span(await page({ at: 'newer', than: 170 }))).toEqual([171, 200, 30]);

  await client.invoke('conversations.mark-read', { conversation, seq: 100 });
  const unread = await page({ at: 'first-unread' });
  expect(span(unread)).toEqual([91, 120, 30]);
  expect(unread.firstUnread).toBe(unread.messages.find(({ seq }) => seq === 101)?.id);
  const wanted = relay.logOf(conversation).messages[4]?.id as MessageId;
  expect(span(await page({ at: 'message', message: wanted }))).toEqual([1, 30, 30]);
  await expect(page({ at: 'message', message: createId<MessageId>() })).rejects.toMatchObject({ code: 'not_found' });
  await client.invoke('conversations.mark-read', { conversation, seq: 9_999 });
  const read = await page({ at: 'first-unread' });
  expect(span(read)).toEqual([171, 200, 30]);
  expect(read.firstUnread).toBeNull();
  expect(await client.invoke('conversations.get', { conversation })).toMatchObject({ unread: 0, readSeq: 200 });
});

test('waiting messages stand behind the accepted ones, in the order typed, and page with them', async () => {
  const { client, conversation, relay, clock } = await conversing(5);
  relay.up = false;
  relay.cut();
  for (const text of ['w1', 'w2', 'w3']) await client.invoke('messages.send', { conversation, text });
  await clock.advance(1_000);
  expect((await allMessages(client, conversation)).map(textOf)).toEqual([
    'm1',
    'm2',
    'm3',
    'm4',
    'm5',
    'w1',
    'w2',
    'w3',
  ]);
  const latest = await client.invoke('messages.page', { conversation, anchor: { at: 'latest' }, limit: 2 });
  expect(latest.messages.map(textOf)).toEqual(['w2', 'w3']);
  const before = await client.invoke('messages.page', {
    conversation,
    anchor: { at: 'older', than: latest.messages[0]?.order ?? 0 },
    limit: 3,
  });
  expect(before.messages.map(textOf)).toEqual(['m4', 'm5', 'w1']);
  const view = await client.invoke('conversations.get', { conversation });
  expect(view.preview).toMatchObject({ text: 'w3', own: true, state: 'queued' });
});

test('content of unknown kinds is kept and shown as unsupported; unknown envelopes are kept and not shown', async () => {
  const { client, conversation, relay } = await conversing();
  const sealed = (value: unknown) => new Uint8Array([0, ...encodeOne(value)]);
  relay.say(conversation, { payload: sealed({ kind: 'poll', question: 'tea?' }) });
  relay.say(conversation, { payload: new Uint8Array([0, 0xc1, 0xff]) });
  relay.say(conversation, { payload: new Uint8Array([7, 7, 7]) });
  relay.say(conversation, { kind: 'membership', payload: sealed({ joined: 'somebody' }) });
  relay.say(conversation, { payload: sealedText('plain') });
  await settle();
  const shown = await allMessages(client, conversation);
  expect(shown.map(({ content }) => content.kind)).toEqual(['unsupported', 'unsupported', 'unsupported', 'text']);
  expect(shown.map(({ seq }) => seq)).toEqual([1, 2, 3, 5]);
  expect(await client.invoke('conversations.get', { conversation })).toMatchObject({ unread: 4, head: 5 });
});

test('a final refusal shows why, can be retried and taken back, and lets the next ones go', async () => {
  const { client, conversation, relay, clock } = await conversing();
  const removed = record(client, 'messages.changed');
  relay.verdict = () => ({ do: 'refuse', code: 'forbidden' });
  const { id } = await client.invoke('messages.send', { conversation, text: 'not allowed' });
  await clock.until(async () => (await allMessages(client, conversation))[0]?.state === 'failed');
  expect((await allMessages(client, conversation))[0]?.failure).toEqual({
    code: 'forbidden',
    message: 'Refused: forbidden',
    retryable: true,
  });
  expect(await client.invoke('conversations.get', { conversation })).toMatchObject({ failed: 1 });

  relay.verdict = () => ({ do: 'accept' });
  await client.invoke('messages.send', { conversation, text: 'goes on' });
  await clock.until(() => relay.logOf(conversation).messages.length === 1);
  await client.invoke('messages.retry', { conversation, message: id });
  await clock.until(() => relay.logOf(conversation).messages.length === 2);
  await settle();
  await expect(client.invoke('messages.discard', { conversation, message: id })).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(client.invoke('messages.retry', { conversation, message: id })).rejects.toMatchObject({
    code: 'not_found',
  });

  relay.up = false;
  relay.cut();
  const mistake = await client.invoke('messages.send', { conversation, text: 'mistake' });
  await client.invoke('messages.discard', { conversation, message: mistake.id });
  await clock.advance(1_000);
  expect(removed.flatMap((event) => event.removed)).toEqual([mistake.id]);
  expect((await allMessages(client, conversation)).map(textOf)).toEqual(['goes on', 'not allowed']);
});

test('what a relay lost that was put back to an old backup stays where it stood, marked, and is told of once', async () => {
  const { client, conversation, relay, clock } = await conversing(10);
  const notices = record(client, 'notice');
  relay.cut();
  relay.logOf(conversation).messages.length = 6;
  await clock.until(() => notices.length === 1);
  expect(notices[0]?.code).toBe('relay_rewound');
  expect(await allMessages(client, conversation)).toHaveLength(10);
  relay.cut();
  await clock.advance(5_000);
  relay.say(conversation, { payload: sealedText('new seven') });
  relay.say(conversation, { payload: sealedText('new eight') });
  await clock.advance(1_000);
  const shown = await allMessages(client, conversation);
  const lost = shown.filter(({ state }) => state === 'lost');
  expect(shown.map(textOf).slice(5)).toEqual(['m6', 'm7', 'm8', 'm9', 'm10', 'new seven', 'new eight']);
  expect(lost.map(textOf)).toEqual(['m7', 'm8', 'm9', 'm10']);
  expect(lost.map(({ seq }) => seq)).toEqual([null, null, null, null]);
  expect(notices).toHaveLength(1);
});

test('a hole is fetched when a later message shows it', async () => {
  const { client, conversation, relay, clock } = await conversing(3);
  relay.append(conversation, { payload: sealedText('missed') });
  relay.say(conversation, { payload: sealedText('seen') });
  await clock.until(async () => (await allMessages(client, conversation)).length === 5);
  expect((await allMessages(client, conversation)).map(textOf).slice(3)).toEqual(['missed', 'seen']);
  expect(relay.received.filter(({ type }) => type === 'fetch')).toMatchObject([{ from: 4, to: 4 }]);
});

test('the screens are told at most a few times a second during a catch-up', async () => {
  const { client, conversation, relay, clock } = await conversing();
  const lists = record(client, 'conversations.changed');
  const pages = record(client, 'messages.changed');
  relay.cut();
  for (let count = 0; count < 5_000; count++) relay.append(conversation, { payload: sealedText(`m${count}`) });
  await clock.until(async () => (await client.invoke('conversations.get', { conversation })).unread === 5_000);
  await clock.advance(1_000);
  expect(lists.length).toBeLessThan(12);
  expect(pages.length).toBeLessThan(30);
  expect(pages.every(({ messages, reload }) => reload && messages.length === 0)).toBe(true);
});

test('drafts, previews and order of the list come from the store', async () => {
  const { client, relay, conversation, clock } = await conversing(1);
  const carol = relay.addPerson('carol', 'Carol');
  const other = relay.addConversation([relay.self.id, carol.id]);
  await clock.advance(5_000);
  relay.append(other, { user: carol.id, payload: sealedText('line one\nline  two') });
  relay.cut();
  await clock.until(async () => (await client.invoke('conversations.list', {})).length === 2);
  const [first, second] = await client.invoke('conversations.list', {});
  expect(first).toMatchObject({
    id: other,
    title: 'Carol',
    unread: 1,
    preview: { text: 'line one line two', own: false },
  });
  expect(second).toMatchObject({ id: conversation, title: 'Ben' });
  const next = await client.invoke('conversations.list', {
    after: { activeAt: first?.activeAt ?? 0, id: other },
    limit: 1,
  });
  expect(next.map(({ id }) => id)).toEqual([conversation]);
  await client.invoke('drafts.set', { conversation, text: 'to be continued' });
  expect((await client.invoke('conversations.get', { conversation })).draft).toBe('to be continued');
  await client.invoke('drafts.set', { conversation, text: '' });
  expect((await client.invoke('conversations.get', { conversation })).draft).toBeNull();
});

test('search finds substrings, other scripts, short words and several words, newest first, page by page', async () => {
  const { client, relay, conversation, clock } = await conversing();
  for (const text of ['会議は明日です', 'The relay is up', 'relay and RELAY', 'Straße nach Köln', 'ok']) {
    await clock.advance(10);
    relay.say(conversation, { payload: sealedText(text) });
  }
  await settle();
  const find = async (query: string, before?: number) =>
    (await client.invoke('messages.search', { query, ...(before === undefined ? {} : { before }) })).map(
      ({ message }) => textOf(message),
    );
  expect(await find('elay')).toEqual(['relay and RELAY', 'The relay is up']);
  expect(await find('明日')).toEqual(['会議は明日です']);
  expect(await find('会議は')).toEqual(['会議は明日です']);
  expect(await find('koln')).toEqual(['Straße nach Köln']);
  expect(await find('ok')).toEqual(['ok']);
  expect(await find('relay up')).toEqual(['The relay is up']);
  expect(await find('"relay" OR')).toEqual([]);
  const [newest] = await client.invoke('messages.search', { query: 'relay', limit: 1 });
  expect(newest?.excerpt).toEqual(['', 'relay', ' and ', 'RELAY', '']);
  expect(await find('relay', newest?.message.time)).toEqual(['The relay is up']);
});

test('what an earlier version could not read is read once the app is updated', async () => {
  const { relay, clock, open } = await scriptedSetting();
  const conversation = relay.addConversation();
  const items = [{ kind: 'file' as const, name: 'a.pdf', type: '', bytes: 0, ...emptyBlob }];
  const content = encodeContent({ kind: 'media', items, text: 'the report' });
  relay.append(conversation, { payload: new Uint8Array([0, ...content]) });
  relay.append(conversation, { payload: new Uint8Array([0, ...encodeOne({ kind: 'poll' })]) });
  const isOnline = (client: HeadlessClient) => async () => (await client.invoke('connection.get')).state === 'online';
  const earlier = await open({
    sealer: { seal: plainSealer.seal, open: async () => ({ content: null, store() {} }) },
  });
  await clock.until(isOnline(earlier));
  await settle();
  const kinds = async (client: HeadlessClient) =>
    (await allMessages(client, conversation)).map((message) => message.content.kind);
  expect(await kinds(earlier)).toEqual(['unsupported', 'unsupported']);
  await earlier.stop();
  const updated = await open();
  await clock.until(async () => (await kinds(updated))[0] === 'media');
  expect(await kinds(updated)).toEqual(['media', 'unsupported']);
  expect((await allMessages(updated, conversation))[0]).toMatchObject({
    content: { text: 'the report', items: [{ name: 'a.pdf' }] },
  });
  expect(await updated.invoke('messages.search', { query: 'report' })).toHaveLength(1);
});

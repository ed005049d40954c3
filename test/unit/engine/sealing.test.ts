/** The sealer's seam: order, epochs, pinned bytes, state in the engine's own transaction; and what a full disk does. */
import { expect, test } from 'vitest';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sealer } from '../../../main/engine/sealing/sealer.ts';
import { plainSealer } from '../../../main/engine/sealing/plain-sealer.ts';
import type { ConversationId } from '../../../protocol/index.ts';
import { allMessages, scriptedSetting, sealedText, textOf } from '../../support/engine-client.ts';
import type { Verdict } from '../../support/engine-relay.ts';
import { record } from '../../support/engine-people.ts';

/** Slow and counting: seals differ every time, opens check that they come in seq order. */
function countingSealer() {
  const sealed: { message: string; epoch: number; payload: Uint8Array }[] = [];
  const opened = new Map<ConversationId, number[]>();
  let stored = 0;
  let busy = 0;
  const sealer: Sealer = {
    async seal(input) {
      expect(++busy).toBe(1);
      await nextTurn();
      const { payload } = await plainSealer.seal(input);
      const unique = new Uint8Array([...payload]);
      sealed.push({ message: input.message, epoch: input.epoch, payload: unique });
      busy--;
      return { payload: unique, store: () => void stored++ };
    },
    async open(conversation, envelope) {
      await nextTurn();
      opened.set(conversation, [...(opened.get(conversation) ?? []), envelope.seq]);
      return plainSealer.open(conversation, envelope);
    },
  };
  return { sealer, sealed, opened, stored: () => stored };
}

test('payloads are opened in seq order even when they come in disorder', async () => {
  const { relay, clock, open } = await scriptedSetting();
  const { sealer, opened } = countingSealer();
  const conversation = relay.addConversation();
  const client = await open({ sealer });
  await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  relay.meddle = (frames) => frames.reverse();
  relay.autoFlush = false;
  for (let seq = 1; seq <= 8; seq++) relay.say(conversation, { payload: sealedText(`m${seq}`) });
  relay.flush();
  relay.autoFlush = true;
  await clock.until(async () => (await allMessages(client, conversation)).length === 8);
  expect(opened.get(conversation)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a retry sends the same bytes, and only a stale epoch seals again', async () => {
  const { relay, clock, open } = await scriptedSetting();
  const { sealer, sealed, stored } = countingSealer();
  const conversation = relay.addConversation();
  const client = await open({ sealer });
  await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  const later: Verdict = { do: 'refuse', code: 'rate_limited', retryAfterMs: 1_000 };
  const verdicts: Verdict[] = [{ do: 'cut' }, later];
  relay.verdict = () => verdicts.shift() ?? later;
  await client.invoke('messages.send', { conversation, text: 'once' });
  await clock.advance(5_000);
  expect(relay.received.filter((frame) => frame.type === 'send').length).toBeGreaterThanOrEqual(3);
  expect(sealed.map(({ epoch }) => epoch)).toEqual([0]);

  relay.logOf(conversation).epoch = 4;
  relay.verdict = () => ({ do: 'accept' });
  await clock.until(() => relay.logOf(conversation).messages.length === 1);
  expect(sealed.map(({ epoch }) => epoch)).toEqual([0, 4]);
  expect(stored()).toBe(2);
  const sent = relay.received.filter((frame) => frame.type === 'send');
  expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
  expect(new Set(sent.map(({ epoch, payload }) => `${epoch} ${payload.join()}`)).size).toBe(2);
});

test('a full disk stops the intake with words, acknowledges nothing, and goes on by itself', async () => {
  const { relay, clock, open } = await scriptedSetting();
  let full = false;
  const sealer: Sealer = {
    ...plainSealer,
    async open(conversation, envelope) {
      const { content } = await plainSealer.open(conversation, envelope);
      return { content, store: () => assertRoom(full) };
    },
  };
  const conversation = relay.addConversation();
  const client = await open({ sealer });
  const health = record(client, 'storage.changed');
  const failures: string[] = [];
  client.guest.on('storage.failed', ({ code }) => failures.push(code));
  await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  full = true;
  relay.say(conversation, { payload: sealedText('does not fit') });
  await clock.until(() => health.length > 0);
  expect(health[0]).toMatchObject({
    code: 'storage_failed',
    message: expect.stringContaining('disk is full') as string,
  });
  expect(failures).toEqual(['storage_failed']);
  await clock.advance(10_000);
  expect(await allMessages(client, conversation)).toEqual([]);
  expect(relay.received.filter(({ type }) => type === 'cursor')).toEqual([]);

  full = false;
  await clock.until(async () => (await allMessages(client, conversation)).length === 1);
  await clock.until(() => health.at(-1) === null);
  expect((await allMessages(client, conversation)).map(textOf)).toEqual(['does not fit']);
  await clock.until(() => relay.received.some((frame) => frame.type === 'cursor' && frame.delivered === 1));
});

function assertRoom(full: boolean): void {
  if (full) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
}

/** The parts of the proof, each alone: halving, folding, the calendar, and waiting for a quiet moment. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createCalendar } from '../../../main/engine/proof/calendar.ts';
import { createChains } from '../../../main/engine/proof/chains.ts';
import { firstDifference } from '../../../main/engine/proof/first-difference.ts';
import { createQuiet } from '../../../main/engine/proof/quiet.ts';
import { openStore, type Store } from '../../../main/engine/storage/store.ts';
import {
  createId,
  milliseconds,
  type ConversationId,
  type DeviceId,
  type Envelope,
  type MessageId,
  type UserId,
} from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { EngineClock, settle } from '../../support/engine-clock.ts';
import { linksOf } from '../../support/engine-relay-chain.ts';

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
const swiftly = () => Promise.resolve();

test('halving finds the first difference of any two logs, whatever number of links is asked at once', async () => {
  const logs = fc.record({
    size: fc.integer({ min: 0, max: 3_000 }),
    atOnce: fc.integer({ min: 1, max: 300 }),
    at: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(logs, async ({ size, atOnce, at }) => {
      const seqs = Array.from({ length: size }, (_, index) => (index + 1) * 256);
      const first = size === 0 ? 0 : at % (size + 1);
      let rounds = 0;
      const found = await firstDifference(seqs, atOnce, async (asked) => {
        rounds++;
        expect(asked.length).toBeGreaterThan(0);
        expect(asked.length).toBeLessThanOrEqual(atOnce);
        return asked.map((seq) => seq < (first + 1) * 256);
      });
      expect(found).toBe(first);
      expect(rounds).toBeLessThanOrEqual(Math.ceil(Math.log(size + 1) / Math.log(atOnce + 1)) + 1);
    }),
    { numRuns: 300 },
  );
});

interface World {
  readonly store: Store;
  readonly self: UserId;
  readonly conversation: ConversationId;
  readonly messages: Envelope[];
  insert(envelope: Envelope): void;
}

async function world(count: number, conversation = createId<ConversationId>()): Promise<World> {
  const self = { id: createId<UserId>(), username: 'ann', displayName: 'Ann' };
  const store = openStore(join(await temporaryFolder(), 'parley.db'), () => self);
  onTestFinished(() => store.close());
  const [kind, cursors] = ['direct' as const, [{ user: self.id, delivered: 0, read: 0 }]];
  store.transact(() =>
    store.conversations.save({ id: conversation, kind, epoch: 0, head: count, createdAt: 0, activeAt: 0, cursors }),
  );
  const device = createId<DeviceId>();
  const messages = Array.from({ length: count }, (_, index) => ({
    ...{ seq: index + 1, id: createId<MessageId>(), user: self.id, device, kind: 'content', time: index },
    payload: new TextEncoder().encode(`payload ${index}`),
  }));
  const insert = (envelope: Envelope) => void store.messages.insert(conversation, envelope, null);
  store.transact(() => messages.forEach(insert));
  return { store, self: self.id, conversation, messages, insert };
}

function changed(envelope: Envelope): Envelope {
  return { ...envelope, payload: new TextEncoder().encode(`other ${envelope.seq}`) };
}

test('a chain folded in any steps, with messages replaced in between, is that of what is stored', async () => {
  const { store, conversation, messages, insert } = await world(1_200);
  const chains = createChains(store);
  const step = fc.oneof(
    fc.record({ act: fc.constant('fold' as const), seq: fc.integer({ min: 1, max: 1_200 }) }),
    fc.record({ act: fc.constant('replace' as const), seq: fc.integer({ min: 1, max: 1_200 }) }),
    fc.record({ act: fc.constant('verify' as const), seq: fc.constant(0) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      for (const { act, seq } of steps) {
        if (act === 'replace') {
          const next = { ...changed(messages[seq - 1] as Envelope), id: createId<MessageId>() };
          messages[seq - 1] = next;
          store.transact(() => insert(next));
        } else if (act === 'verify') {
          expect(await chains.verify(conversation, swiftly)).toBe(true);
        } else {
          const folded = await chains.fold(conversation, seq, swiftly);
          const links = linksOf(conversation, messages);
          expect(folded.state === 'whole' && hex(folded.point.link)).toBe(hex(links[seq]));
          const before = Math.max(1, seq - 100);
          expect(hex(chains.pointAt(conversation, before)?.link)).toBe(hex(links[before]));
        }
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('the links are those of the protocol’s page', async () => {
  const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');
  const told = [...page.matchAll(/^\| link \d \| `([0-9a-f]{64})` \|$/gm)].map(([, link]) => link);
  const prefix = '018f2f6e-7c1a-7cc3-8a4e-';
  const { store, conversation, insert, self } = await world(0, `${prefix}6f3f6b1d9c55` as ConversationId);
  const payload = Buffer.from('0082a46b696e64a474657874a474657874a24869', 'hex');
  const device = `${prefix}000000000001` as DeviceId;
  const ids = [`${prefix}00000000000a`, `${prefix}00000000000b`] as MessageId[];
  store.transact(() =>
    ids.forEach((id, index) => {
      insert({ seq: index + 1, id, user: self, device, kind: 'content', time: 0, payload });
    }),
  );
  const chains = createChains(store);
  await chains.fold(conversation, 2, swiftly);
  expect([0, 1, 2].map((seq) => hex(chains.pointAt(conversation, seq)?.link))).toEqual(told);
});

test('every 256 messages a link is remembered, and one at the end that moves on with it', async () => {
  const { store, conversation } = await world(1_200);
  const chains = createChains(store);
  const remembered = () => store.chain.checkpoints(conversation, 0, 5_000).map(({ seq }) => seq);
  await chains.fold(conversation, 700, swiftly);
  expect(remembered()).toEqual([256, 512, 700]);
  await chains.fold(conversation, 1_200, swiftly);
  expect(remembered()).toEqual([256, 512, 768, 1_024, 1_200]);
});

test('a fold tells which messages are missing', async () => {
  const { store, conversation, messages } = await world(20);
  const chains = createChains(store);
  expect(await chains.fold(conversation, 23, swiftly)).toEqual({ state: 'broken', at: 21, next: 24 });
  store.transact(() => {
    for (const seq of [5, 6, 7]) {
      const moved = { ...(messages[seq - 1] as Envelope), seq: seq + 100 };
      store.messages.insert(conversation, moved, null);
    }
  });
  expect(await chains.fold(conversation, 20, swiftly)).toEqual({ state: 'broken', at: 5, next: 8 });
  expect(chains.pointAt(conversation, 10)).toBeNull();
});

test('folding is done in slices, so that other work gets its turn', async () => {
  const { store, conversation } = await world(1_200);
  let turns = 0;
  await createChains(store).fold(conversation, 1_200, async () => void turns++);
  expect(turns).toBeGreaterThanOrEqual(2);
});

test('what changed is due when it was quiet for some seconds, and not again within a minute', async () => {
  const clock = new EngineClock();
  const calendar = createCalendar(clock, () => 0.5);
  const conversation = createId<ConversationId>();
  calendar.changed(conversation);
  await clock.advance(3_000);
  calendar.changed(conversation);
  await clock.advance(5_000);
  expect(calendar.take()).toBeNull();
  await clock.advance(1_000);
  expect(calendar.take()).toMatchObject({ conversation, asked: false });
  calendar.changed(conversation);
  await clock.advance(59_000);
  expect(calendar.take()).toBeNull();
  await clock.advance(2_000);
  expect(calendar.take()).toMatchObject({ conversation });
  expect(calendar.wait()).toBeNull();
});

test('a conversation that is never quiet is due after a minute', async () => {
  const clock = new EngineClock();
  const calendar = createCalendar(clock, () => 0.5);
  const conversation = createId<ConversationId>();
  for (let second = 0; second < 62; second++) {
    calendar.changed(conversation);
    await clock.advance(1_000);
  }
  expect(calendar.take()).toMatchObject({ conversation });
});

test('who a person asks for comes first, and once; the rest in the order they are due', async () => {
  const clock = new EngineClock();
  const calendar = createCalendar(clock, () => 0);
  const ids = [createId<ConversationId>(), createId<ConversationId>(), createId<ConversationId>()] as const;
  calendar.in(2_000, ids[0]);
  calendar.in(1_000, ids[1]);
  calendar.in(3_000, ids[2]);
  await clock.advance(milliseconds.minute);
  calendar.ask(ids[2], false);
  calendar.ask(ids[2], true);
  expect(calendar.isAsked()).toBe(true);
  expect(calendar.take()).toMatchObject({ conversation: ids[2], asked: true, thorough: true });
  expect([calendar.take()?.conversation, calendar.take()?.conversation]).toEqual([ids[1], ids[0]]);
  expect(calendar.take()).toBeNull();
});

test('waiting for quiet ends a second after the last disturbance, at once when it hurries, and fails at the end', async () => {
  const clock = new EngineClock();
  const quiet = createQuiet(clock);
  let done = 0;
  quiet.disturb();
  void quiet.wait().then(() => done++);
  await clock.advance(900);
  quiet.disturb();
  await clock.advance(900);
  expect(done).toBe(0);
  await clock.advance(200);
  expect(done).toBe(1);

  quiet.disturb();
  let urgent = false;
  void quiet.wait(() => urgent).then(() => done++);
  await settle();
  urgent = true;
  quiet.hurry();
  await settle();
  expect(done).toBe(2);

  const waiting = expect(quiet.rest(5_000)).rejects.toThrow('closes');
  quiet.stop();
  await waiting;
  await expect(quiet.turn()).rejects.toThrow('closes');
});

test('where something always comes in, waiting for quiet ends after a minute', async () => {
  const clock = new EngineClock();
  const quiet = createQuiet(clock);
  let done = false;
  quiet.disturb();
  void quiet.wait().then(() => (done = true));
  for (let second = 0; second < 61; second++) {
    quiet.disturb();
    await clock.advance(1_000);
  }
  expect(done).toBe(true);
});

/** Whatever devices of an account change, in whatever order they hear of it: all end with what the log says last. */
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { ConversationView } from '../../../bridge/views.ts';
import { openHeadlessEngine, type HeadlessClient } from '../../../main/engine/headless.ts';
import { decodeContent, type ConversationId } from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { EngineClock, settle } from '../../support/engine-clock.ts';
import { EngineRelay, type Verdict } from '../../support/engine-relay.ts';

const deviceCount = 2;
const conversationCount = 2;

const verdicts: readonly Verdict[] = [
  { do: 'accept' },
  { do: 'accept' },
  { do: 'accept-silently' },
  { do: 'cut' },
  { do: 'refuse', code: 'storage_full' },
  { do: 'refuse', code: 'forbidden' },
  { do: 'refuse', code: 'payload_too_large' },
];

const place = { device: fc.nat(deviceCount - 1), conversation: fc.nat(conversationCount - 1) };
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ ...place, do: fc.constant('pin' as const), on: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ ...place, do: fc.constant('mute' as const), on: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({ ...place, do: fc.constant('draft' as const), text: fc.constantFrom('', 'a', 'b', 'c') }),
  },
  { weight: 2, arbitrary: fc.record({ ...place, do: fc.constant('rest' as const) }) },
  { weight: 2, arbitrary: fc.record({ ...place, do: fc.constantFrom('restart' as const, 'cut' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ ...place, do: fc.constant('wait' as const), ms: fc.constantFrom(100, 400, 4_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...place,
      do: fc.constant('judge' as const),
      verdicts: fc.array(fc.constantFrom(...verdicts), { minLength: 1, maxLength: 4 }),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Device {
  client: HeadlessClient;
  readonly open: () => Promise<HeadlessClient>;
}

async function openDevice(relay: EngineRelay, clock: EngineClock): Promise<Device> {
  const dataDir = await temporaryFolder();
  const open = async () => {
    const { openSocket, http } = relay;
    const client = await openHeadlessEngine({ dataDir, clock, random: () => 0.5, openSocket, http });
    onTestFinished(() => client.stop());
    return client;
  };
  const client = await open();
  await client.invoke('session.login', { address: relay.base, username: 'ann', password: 'password' });
  return { client, open };
}

const isOnline = async ({ client }: Device) => (await client.invoke('connection.get')).state === 'online';

/** What a row shows of the values, but for times. */
function shown({ pinnedAt, muted, draft }: ConversationView) {
  return { pinned: pinnedAt !== null, muted, draft };
}

/** The plain model: the last value of each name, by the log. */
function saidLast(relay: EngineRelay, own: ConversationId): Map<string, string | null> {
  const last = new Map<string, string | null>();
  for (const { payload } of relay.logOf(own).messages) {
    const content = decodeContent(payload.subarray(1));
    if (content.kind !== 'account') throw new Error('Something else was sent to the own devices.');
    for (const { name, value } of content.values) last.set(name, value);
  }
  return last;
}

async function act(device: Device, conversation: ConversationId, current: Step): Promise<void> {
  const { client } = device;
  const row = async () => shown(await client.invoke('conversations.get', { conversation }));
  if (current.do === 'pin') {
    await client.invoke('conversations.pin', { conversation, pinned: current.on });
    expect(await row()).toMatchObject({ pinned: current.on });
  }
  if (current.do === 'mute') {
    await client.invoke('conversations.mute', { conversation, mute: current.on ? { forMs: null } : null });
    expect(await row()).toMatchObject({ muted: current.on });
  }
  if (current.do === 'draft') {
    await client.invoke('drafts.set', { conversation, text: current.text });
    expect(await row()).toMatchObject({ draft: current.text === '' ? null : current.text });
  }
  if (current.do === 'rest') await client.invoke('typing.set', { conversation, typing: false });
  if (current.do === 'restart') {
    await client.stop();
    device.client = await device.open();
  }
}

function judgeBy(relay: EngineRelay, list: readonly Verdict[]): void {
  const left = [...list];
  relay.verdict = () => left.shift() ?? { do: 'accept' };
}

test('random changes on two devices, with cuts, restarts and refusals, come to the last value in the log on both', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const clock = new EngineClock();
      const relay = new EngineRelay(clock);
      relay.tellsOthers = true;
      const own = relay.addConversation([relay.self.id]);
      const conversations = Array.from({ length: conversationCount }, () => relay.addConversation());
      const devices = [await openDevice(relay, clock), await openDevice(relay, clock)];
      const allOnline = async () => (await Promise.all(devices.map(isOnline))).every(Boolean);
      await clock.until(allOnline);

      for (const current of steps) {
        const device = devices[current.device];
        const conversation = conversations[current.conversation];
        if (!device || !conversation) throw new Error('There is no such device or conversation.');
        if (current.do === 'wait') await clock.advance(current.ms);
        else if (current.do === 'judge') judgeBy(relay, current.verdicts);
        else if (current.do === 'cut') relay.cut();
        else await act(device, conversation, current);
        await settle();
      }

      relay.verdict = () => ({ do: 'accept' });
      await clock.advance(5_000);
      relay.cut();
      await clock.until(allOnline);
      await clock.advance(10_000);

      const last = saidLast(relay, own);
      for (const conversation of conversations) {
        const read = (name: string) => JSON.parse(last.get(`${name}:${conversation}`) ?? 'null') as unknown;
        const draft = read('draft') as { text: string } | null;
        const expected = { pinned: read('pin') !== null, muted: read('mute') !== null, draft: draft?.text ?? null };
        for (const { client } of devices) {
          expect(shown(await client.invoke('conversations.get', { conversation }))).toEqual(expected);
        }
      }
      for (const { client } of devices) {
        expect((await client.invoke('conversations.notes')).failed).toBe(0);
        await client.stop();
      }
    }),
    { numRuns: 30 },
  );
}, 120_000);

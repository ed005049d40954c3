/** Whatever the wire does to deliveries, an engine ends up with exactly the relay's log, in order, each message once. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConversationId, RelayFrame } from '../../../protocol/index.ts';
import type { HeadlessClient } from '../../../main/engine/headless.ts';
import { allMessages, scriptedSetting, sealedText, textOf } from '../../support/engine-client.ts';
import { settle } from '../../support/engine-clock.ts';
import type { EngineRelay } from '../../support/engine-relay.ts';

type Fate = 'pass' | 'drop' | 'repeat' | 'swap';

type Step =
  | { readonly do: 'say'; readonly conversation: number; readonly count: number }
  | { readonly do: 'fates'; readonly fates: readonly Fate[] }
  | { readonly do: 'cut' | 'restart' | 'heal' | 'wait' };

const conversationCount = 3;
const fate = fc.constantFrom<Fate>('pass', 'pass', 'drop', 'repeat', 'swap');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      conversation: fc.nat(conversationCount - 1),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('fates' as const), fates: fc.array(fate, { minLength: 1, maxLength: 8 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'restart' as const, 'heal' as const, 'wait' as const) }),
  },
);

test('random holes, repetitions, reorderings, cuts and restarts leave every conversation as the relay has it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const setting = await scriptedSetting();
      const { relay, clock } = setting;
      const conversations = Array.from({ length: conversationCount }, () => relay.addConversation());
      let client = await setting.open();
      let said = 0;
      for (const current of steps) {
        if (current.do === 'say') {
          const conversation = conversations[current.conversation];
          for (let count = 0; conversation && count < current.count; count++)
            relay.say(conversation, { payload: sealedText(`m${++said}`) });
        }
        if (current.do === 'fates') relay.meddle = meddleBy(current.fates);
        if (current.do === 'heal') relay.meddle = (frames) => frames;
        if (current.do === 'cut') relay.cut();
        if (current.do === 'wait') await clock.advance(2_000);
        if (current.do === 'restart') {
          await client.stop();
          client = await setting.open();
        }
        await settle();
        await assertSound(client, relay, conversations);
      }
      relay.meddle = (frames) => frames;
      for (const conversation of conversations) relay.say(conversation, { payload: sealedText('last') });
      await clock.until(() => isComplete(client, relay, conversations));
      await assertSound(client, relay, conversations);
      await client.stop();
    }),
    { numRuns: 40 },
  );
}, 60_000);

/** Meddles with deliveries only: what else the relay says is needed to get through at all. */
function meddleBy(fates: readonly Fate[]): EngineRelay['meddle'] {
  let next = 0;
  return (frames) => {
    const out: RelayFrame[] = [];
    for (const frame of frames) {
      const chosen =
        frame.type === 'deliver' || frame.type === 'fetched' ? (fates[next++ % fates.length] ?? 'pass') : 'pass';
      if (chosen === 'drop' && frame.type === 'deliver') continue;
      if (chosen === 'swap' && out.length > 0) out.splice(out.length - 1, 0, frame);
      else out.push(frame);
      if (chosen === 'repeat') out.push(frame);
    }
    return out;
  };
}

async function assertSound(
  client: HeadlessClient,
  relay: EngineRelay,
  conversations: readonly ConversationId[],
): Promise<void> {
  for (const conversation of conversations) {
    const known = await readSafely(client, conversation);
    const { messages } = relay.logOf(conversation);
    const seqs = known.map(({ seq }) => seq ?? 0);
    expect(seqs).toEqual([...new Set(seqs)].sort((one, other) => one - other));
    for (const message of known) expect(message.id).toBe(messages[(message.seq ?? 0) - 1]?.id);
  }
}

async function isComplete(
  client: HeadlessClient,
  relay: EngineRelay,
  conversations: readonly ConversationId[],
): Promise<boolean> {
  for (const conversation of conversations) {
    const known = await readSafely(client, conversation);
    if (known.length !== relay.logOf(conversation).messages.length || known.map(textOf).at(-1) !== 'last') return false;
  }
  return true;
}

/** A conversation that the engine has not heard of yet has no messages. */
async function readSafely(client: HeadlessClient, conversation: ConversationId) {
  try {
    return await allMessages(client, conversation);
  } catch {
    return [];
  }
}

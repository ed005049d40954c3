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
  /** Somebody looks at the newest messages, or scrolls back. */
  | { readonly do: 'look'; readonly conversation: number; readonly back: number }
  /** The link is cut and much is said; on the next link answers overtake all else, until it is healed or cut. */
  | { readonly do: 'cut' | 'slow' | 'restart' | 'heal' | 'wait' };

const conversationCount = 3;
const fate = fc.constantFrom<Fate>('pass', 'pass', 'drop', 'repeat', 'swap');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      conversation: fc.nat(conversationCount - 1),
      count: fc.oneof(
        { weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) },
        { weight: 1, arbitrary: fc.integer({ min: 30, max: 150 }) },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('look' as const),
      conversation: fc.nat(conversationCount - 1),
      back: fc.nat(2),
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
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('slow' as const) }),
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
      const held: RelayFrame[] = [];
      const heal = () => {
        relay.meddle = (frames) => frames;
        relay.tell(...held.splice(0));
      };
      for (const current of steps) {
        if (current.do === 'say') {
          const conversation = conversations[current.conversation];
          for (let count = 0; conversation && count < current.count; count++)
            relay.say(conversation, { payload: sealedText(`m${++said}`) });
        }
        if (current.do === 'look') void lookBack(client, conversations[current.conversation], current.back);
        if (current.do === 'fates') relay.meddle = meddleBy(current.fates);
        if (current.do === 'heal') heal();
        if (current.do === 'cut' || current.do === 'slow') {
          held.splice(0);
          relay.cut();
        }
        if (current.do === 'slow') {
          relay.meddle = holdingBack(held);
          for (const conversation of conversations) {
            for (let count = 0; count < 100; count++) relay.append(conversation, { payload: sealedText(`m${++said}`) });
          }
          await clock.advance(2_000);
        }
        if (current.do === 'wait') await clock.advance(2_000);
        if (current.do === 'restart') {
          held.splice(0);
          await client.stop();
          client = await setting.open();
        }
        await settle();
        await assertSound(client, relay, conversations);
      }
      heal();
      for (const conversation of conversations) relay.say(conversation, { payload: sealedText('last') });
      await clock.until(() => isComplete(client, relay, conversations));
      await assertSound(client, relay, conversations);
      await client.stop();
    }),
    { numRuns: 40 },
  );
}, 60_000);

/** What cannot be shown now is tried again by whoever looks again. */
async function lookBack(
  client: HeadlessClient,
  conversation: ConversationId | undefined,
  pages: number,
): Promise<void> {
  if (!conversation) return;
  try {
    let page = await client.invoke('messages.page', { conversation, anchor: { at: 'latest' }, limit: 10 });
    for (let back = 0; back < pages && page.messages[0]; back++) {
      const anchor = { at: 'older' as const, than: page.messages[0].order };
      page = await client.invoke('messages.page', { conversation, anchor, limit: 10 });
    }
  } catch {
    // The link is gone, or the engine stopped.
  }
}

function holdingBack(held: RelayFrame[]): EngineRelay['meddle'] {
  const isStream = ({ type }: RelayFrame) => type === 'deliver' || type === 'synced';
  return (frames) => {
    held.push(...frames.filter(isStream));
    return frames.filter((frame) => !isStream(frame));
  };
}

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
    expect(seqs.length === 0 || seqs.at(-1) === (seqs[0] ?? 0) + seqs.length - 1).toBe(true);
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

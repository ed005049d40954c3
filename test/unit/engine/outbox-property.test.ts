/** Whatever the relay answers and whenever the engine dies, what was typed arrives once and in the order typed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeContent, type ConversationId } from '../../../protocol/index.ts';
import { allMessages, scriptedSetting, textOf } from '../../support/engine-client.ts';
import { settle } from '../../support/engine-clock.ts';
import type { EngineRelay, Verdict } from '../../support/engine-relay.ts';

type Step =
  | { readonly do: 'type'; readonly conversation: number }
  | { readonly do: 'judge'; readonly verdicts: readonly Verdict[] }
  | { readonly do: 'epoch'; readonly conversation: number }
  | { readonly do: 'cut' | 'restart' | 'wait' };

const conversationCount = 2;
const verdict = fc.oneof(
  fc.constant<Verdict>({ do: 'accept' }),
  fc.constant<Verdict>({ do: 'accept-silently' }),
  fc.constant<Verdict>({ do: 'cut' }),
  fc.constantFrom<Verdict>(
    { do: 'refuse', code: 'rate_limited', retryAfterMs: 700 },
    { do: 'refuse', code: 'storage_full' },
  ),
  fc.constant<Verdict>({ do: 'refuse', code: 'forbidden' }),
);
const conversation = fc.nat(conversationCount - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('type' as const), conversation }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('judge' as const),
      verdicts: fc.array(verdict, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('epoch' as const), conversation }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'restart' as const, 'wait' as const) }) },
);

test('random refusals, lost answers, cuts, restarts and epochs keep order, lose nothing and double nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const setting = await scriptedSetting();
      const { relay, clock } = setting;
      const conversations = Array.from({ length: conversationCount }, () => relay.addConversation());
      const typed = new Map<ConversationId, string[]>(conversations.map((id) => [id, []]));
      const refusedForGood = new Set<string>();
      let client = await setting.open();
      await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
      let count = 0;

      for (const current of steps) {
        const chosen = 'conversation' in current ? conversations[current.conversation] : undefined;
        if (current.do === 'type' && chosen) {
          const text = `t${++count}`;
          await client.invoke('messages.send', { conversation: chosen, text });
          typed.get(chosen)?.push(text);
        }
        if (current.do === 'judge') judgeBy(relay, current.verdicts, refusedForGood);
        if (current.do === 'epoch' && chosen) relay.logOf(chosen).epoch++;
        if (current.do === 'cut') relay.cut();
        if (current.do === 'wait') await clock.advance(3_000);
        if (current.do === 'restart') {
          await client.stop();
          client = await setting.open();
        }
        await settle();
      }

      judgeBy(relay, [{ do: 'accept' }], refusedForGood);
      await clock.until(async () => {
        const views = await Promise.all(conversations.map((id) => allMessages(client, id)));
        return views.flat().every(({ state }) => state !== 'queued');
      });
      for (const id of conversations) {
        const arrived = relay.logOf(id).messages.map(({ payload }) => contentText(payload));
        expect(arrived).toEqual(typed.get(id)?.filter((text) => !refusedForGood.has(text)));
        const shown = await allMessages(client, id);
        expect(shown.filter(({ seq }) => seq !== null).map(textOf)).toEqual(arrived);
        expect(shown.filter(({ state }) => state === 'failed').map(textOf)).toEqual(
          typed.get(id)?.filter((text) => refusedForGood.has(text)),
        );
      }
      await client.stop();
    }),
    { numRuns: 40 },
  );
}, 60_000);

/**
 * A final refusal counts only for what the relay does not hold already, and stays: the answer may be lost on its way, and
 * is then given again.
 */
function judgeBy(relay: EngineRelay, verdicts: readonly Verdict[], refusedForGood: Set<string>): void {
  let next = 0;
  relay.verdict = (frame) => {
    const held = relay.logOf(frame.conversation).messages.some(({ id }) => id === frame.id);
    const text = contentText(frame.payload);
    if (refusedForGood.has(text)) return { do: 'refuse', code: 'forbidden' };
    const chosen = verdicts[next++ % verdicts.length] ?? { do: 'accept' };
    if (held && chosen.do === 'refuse') return { do: 'accept' };
    if (chosen.do === 'refuse' && chosen.code === 'forbidden') refusedForGood.add(text);
    return chosen;
  };
}

function contentText(payload: Uint8Array): string {
  const content = decodeContent(payload.subarray(1));
  return content.kind === 'text' ? content.text : '';
}

/** Finds messages in a made-up world by one run of letters, newest first, as the engine's search answers. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { ParsedInputOf } from '../../../bridge/contract.ts';
import type { SearchHit } from '../../../bridge/views.ts';
import type { World } from './scripted-engine.ts';

export function searchWorld(world: World, input: ParsedInputOf<EngineContract, 'messages.search'>): SearchHit[] {
  const wanted = input.query.toLowerCase();
  const { conversation, before = Number.POSITIVE_INFINITY, limit } = input;
  const all = [...world.messages].flatMap(([id, messages]) =>
    conversation === undefined || conversation === id ? messages : [],
  );
  return all
    .filter(({ time }) => time < before)
    .sort((one, other) => other.time - one.time)
    .flatMap((message): SearchHit[] => {
      const { content } = message;
      if (content.kind !== 'text') return [];
      const at = content.text.toLowerCase().indexOf(wanted);
      if (at < 0) return [];
      const end = at + wanted.length;
      const excerpt = [content.text.slice(0, at), content.text.slice(at, end), content.text.slice(end, end + 140)];
      return [{ message, conversationTitle: world.conversations.get(message.conversation)?.title ?? '', excerpt }];
    })
    .slice(0, limit);
}

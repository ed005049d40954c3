/** After a graceful stop: the log as the relay's own store reads it from its folder or database is the one served. */
import type { World } from '../world.ts';

/** The relay must be stopped. @returns what is against the rules. */
export async function compareWithStore({ relay, people, witness }: World): Promise<string[]> {
  const store = await relay.openStore();
  const violations: string[] = [];
  try {
    const conversations = await Promise.all(people.map(({ auditor }) => store.conversations.listOf(auditor.user.id)));
    const heads = new Map(conversations.flat().map(({ id, head }) => [id, head]));
    for (const { conversation, seq, id, time } of witness.placed()) {
      const range = { from: seq, to: seq, limit: 1, maxBytes: 1 };
      const [message] = await store.log.read(conversation, range);
      if (message?.id !== id || message.time !== time || seq > (heads.get(conversation) ?? 0))
        violations.push(`P1: after the stop, ${id} is not at ${seq} of ${conversation}`);
    }
  } finally {
    await store.close();
  }
  return violations;
}

/** What was true at one check of a run stays true at the next. */
import type { Findings, Rule } from './findings.ts';

/** Nothing that was checked once goes away or changes later while the relay stays what it is; kept from one check of a run to the next. */
export function createGrowthRule(): Rule {
  let before: Findings['logs'] = new Map();
  let cursors = new Map<string, number>();
  let putBacks = 0;
  return function* ({ logs, conversations, world }) {
    // A relay that was put back to an old copy begins anew.
    if (world.past.putBacks !== putBacks) {
      before = new Map();
      cursors = new Map();
    }
    putBacks = world.past.putBacks;
    for (const [conversation, old] of before) {
      const now = logs.get(conversation) ?? [];
      const changed = old.findIndex(({ id }, index) => now[index]?.id !== id);
      if (changed >= 0) yield `P1: seq ${changed + 1} of ${conversation} has changed since the last check`;
    }
    const found = new Map<string, number>();
    for (const { id, cursors: all } of conversations.values()) {
      for (const { user, read } of all) {
        found.set(`${id} ${user}`, read);
        if (read < (cursors.get(`${id} ${user}`) ?? 0)) yield `cursors: ${id} of ${user} went back to ${read}`;
      }
    }
    before = logs;
    cursors = found;
  };
}

/** What was true at one check of a run stays true at the next. */
import type { Findings, Rule } from './findings.ts';

/** Nothing that was checked once goes away or changes later; kept from one check of a run to the next. */
export function createGrowthRule(): Rule {
  let before: Findings['logs'] = new Map();
  let cursors = new Map<string, number>();
  return function* ({ logs, conversations }) {
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

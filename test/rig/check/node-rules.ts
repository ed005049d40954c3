/** Of a fleet: whichever node a person asks, they are served the same. */
import { isDeepStrictEqual } from 'node:util';
import type { Audit } from './audit.ts';
import type { Rule } from './findings.ts';

export const nodesServeTheSame: Rule = function* ({ audits, elsewhere }) {
  for (const [person, others] of elsewhere.entries()) {
    const audit = audits[person];
    for (const other of audit ? others : []) yield* compare(person, audit, other);
  }
};

function* compare(person: number, audit: Audit | undefined, other: Audit): Generator<string> {
  for (const part of ['conversations', 'logs', 'chains'] as const) {
    const [here, there] = [audit?.[part], other[part]];
    const ids = new Set([...(here?.keys() ?? []), ...there.keys()]);
    for (const id of ids) {
      if (!isDeepStrictEqual(here?.get(id), there.get(id)))
        yield `P2: person ${person} is served other ${part} of ${id} by another node`;
    }
  }
}

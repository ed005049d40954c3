/** What the bus's subjects are called on NATS. */
import { ParleyError, type RelayId } from '../../../protocol/index.ts';
import type { Subject } from '../../ports/bus.ts';

export interface SubjectNames {
  nameOf(subject: Subject): string;
  /** What nodes tell one another of themselves. */
  readonly alive: string;
  /** Where the answers to one node's asks go; the rest of the name is the ask's. */
  inboxOf(node: string): string;
  /** Whether it is a node's inbox: nothing else is ever answered. */
  isInbox(name: string): boolean;
}

/** Several relays may share the servers: each has names of its own. */
export function busPrefix(relay: RelayId): string {
  return `parley.${relay.slice(0, 8)}`;
}

const kinds = { user: 'u', device: 'd', watch: 'w' } as const;
type Kind = keyof typeof kinds;

/** @throws ParleyError `bad_request` when NATS would not take the prefix, or take it for a pattern. */
export function createSubjectNames(prefix: string): SubjectNames {
  if (!/^[\w-]+([.][\w-]+)*$/.test(prefix)) {
    throw new ParleyError('bad_request', {
      message: 'The prefix of the bus may have letters, digits, "_" and "-", and single dots between them.',
    });
  }
  const inboxes = `${prefix}.i.`;
  return {
    nameOf(subject) {
      if (subject === 'nodes') return `${prefix}.nodes`;
      const colon = subject.indexOf(':');
      return `${prefix}.${kinds[subject.slice(0, colon) as Kind]}.${subject.slice(colon + 1)}`;
    },
    alive: `${prefix}.alive`,
    inboxOf: (node) => `${inboxes}${node}.`,
    isInbox: (name) => name.startsWith(inboxes),
  };
}

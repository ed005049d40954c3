/** Buses of several nodes in one process, with a network between them that loses, delays, repeats and reorders notes. */
import { ParleyError } from '../../protocol/index.ts';
import { createMemoryBus } from '../../signaling-server/adapters/memory/memory-bus.ts';
import type { Bus, Note, Subject } from '../../signaling-server/ports/bus.ts';

/** What becomes of a note on its way to one other node. */
export type Fate = 'arrives' | 'is lost' | 'comes twice' | 'comes late';

export interface LinkedBus extends Bus {
  /** From now on nothing goes out or comes in; whoever asks is told that nobody can be asked. */
  cut(): void;
  /** Ends a cut: all nodes hear that notes may have been lost since it began. */
  mend(): void;
  /** Nothing of it is heard any more, and the others are not told yet. */
  die(): void;
  /** All living nodes hear that notes may have been lost since then. */
  tellLoss(since: number): void;
}

export interface LinkedBuses {
  readonly nodes: readonly LinkedBus[];
  /** Decides about each note to each other node; they arrive unless it says otherwise. */
  fate: (from: number, to: number, subject: Subject, note: Note) => Fate;
  /** Hands over what is late, in an order that `pick` chooses: the index of the next one. */
  deliverLate(pick?: (count: number) => number): void;
}

interface Node {
  readonly local: Bus;
  readonly listeners: Set<(since: number) => void>;
  /** Since when it is cut off; null while it is not. */
  cutAt: number | null;
  isDead: boolean;
}

export function createLinkedBuses(count: number, clock: () => number = Date.now): LinkedBuses {
  const nodes = Array.from({ length: count }, (): Node => {
    return { local: createMemoryBus(), listeners: new Set(), cutAt: null, isDead: false };
  });
  const late: (() => void)[] = [];
  const isReachable = (node: Node): boolean => node.cutAt === null && !node.isDead;
  const others = (own: Node): Node[] => nodes.filter((node) => node !== own && isReachable(node));
  const tellLoss = (since: number): void => {
    for (const { listeners, isDead } of nodes) if (!isDead) for (const listener of listeners) listener(since);
  };

  function carry(from: number, to: number, subject: Subject, note: Note): void {
    const node = nodes[to];
    const hand = (): void => {
      if (node && isReachable(node)) node.local.publish(subject, note);
    };
    const fate = buses.fate(from, to, subject, note);
    if (fate === 'comes late') return void late.push(hand);
    if (fate !== 'is lost') hand();
    if (fate === 'comes twice') hand();
  }

  function createBus(own: Node, index: number): LinkedBus {
    return {
      publish(subject, note) {
        own.local.publish(subject, note);
        if (isReachable(own)) for (const to of nodes.keys()) if (to !== index) carry(index, to, subject, note);
      },
      subscribe: (subject, listener) => own.local.subscribe(subject, listener),
      async subscribed(subjects) {
        if (!isReachable(own)) throw new ParleyError('unavailable', { message: 'The bus is away.' });
        const found = await Promise.all([own, ...others(own)].map(({ local }) => local.subscribed(subjects)));
        return new Set(found.flatMap((each) => [...each]));
      },
      get connected() {
        return own.cutAt === null;
      },
      onLoss(listener) {
        own.listeners.add(listener);
        return () => own.listeners.delete(listener);
      },
      async ping() {},
      async close() {},
      cut() {
        own.cutAt ??= clock();
      },
      mend() {
        const since = own.cutAt;
        own.cutAt = null;
        if (since !== null) tellLoss(since);
      },
      die() {
        own.isDead = true;
      },
      tellLoss,
    };
  }

  const buses: LinkedBuses = {
    nodes: nodes.map(createBus),
    fate: () => 'arrives',
    deliverLate(pick = () => 0) {
      while (late.length > 0) late.splice(pick(late.length), 1)[0]?.();
    },
  };
  return buses;
}

/** What is known of each conversation: kept on disk, shown with what goes on right now. */
import { z } from 'zod';
import type { DeviceSync, SyncStatus } from '../../../bridge/views.ts';
import { faultSchema } from '../../../bridge/shared-views.ts';
import {
  deviceIdSchema,
  seqSchema,
  timeSchema,
  userIdSchema,
  type ConversationId,
  type DeviceId,
  type UserId,
} from '../../../protocol/index.ts';
import type { Store } from '../storage/store.ts';
import { oldRelayProblem } from './problems.ts';

const wordSchema = z.object({
  user: userIdSchema,
  device: deviceIdSchema,
  state: z.enum(['same', 'different']),
  seq: seqSchema,
  time: timeSchema,
});

const knownSchema = z.object({
  state: z.enum(['unknown', 'same', 'different']),
  seq: seqSchema,
  from: seqSchema,
  checkedAt: timeSchema.nullable(),
  devices: z.array(wordSchema),
  repair: z.object({ done: z.number(), total: z.number(), at: timeSchema }).nullable(),
  problem: faultSchema.nullable(),
});
export type Known = z.infer<typeof knownSchema>;

/** What goes on with a conversation right now. */
export interface Work {
  readonly state: 'checking' | 'repairing';
  readonly repair: SyncStatus['repair'];
}

export interface Statuses {
  known(conversation: ConversationId): Known;
  /** Keeps what came of a check, and tells the screens. */
  learn(conversation: ConversationId, known: Known): void;
  work(conversation: ConversationId, work: Work | null): void;
  /** Nothing goes on any more, and nobody need be told. */
  rest(): void;
  view(conversation: ConversationId): SyncStatus;
  tell(conversation: ConversationId): void;
}

interface StatusDeps {
  readonly store: Pick<Store, 'state' | 'conversations' | 'people' | 'transact'>;
  readonly self: UserId;
  readonly device: () => DeviceId;
  readonly nameOf: (device: DeviceId) => string | null;
  /** `old`: it cannot be asked about chains. Without the relay nobody knows whether what was the same still is. */
  readonly relay: () => 'ready' | 'old' | 'away';
  readonly onChanged: (status: SyncStatus) => void;
}

const nothing: Known = { state: 'unknown', seq: 0, from: 1, checkedAt: null, devices: [], repair: null, problem: null };
const stateName = (conversation: ConversationId) => `sync:${conversation}`;

export function createStatuses(deps: StatusDeps): Statuses {
  const { store, self, device: ownDevice, nameOf } = deps;
  const works = new Map<ConversationId, Work>();

  const known = (conversation: ConversationId) => store.state.get(stateName(conversation), knownSchema) ?? nothing;

  function person(user: UserId): DeviceSync['person'] {
    return store.people.get(user) ?? { id: user, username: '', displayName: 'Unknown person' };
  }

  /** This device counts from its first check on. */
  function own({ state, seq, checkedAt, problem }: Known): DeviceSync[] {
    if (checkedAt === null) return [];
    const differs = state === 'different' && problem?.code !== 'device_differs';
    return [
      {
        device: ownDevice(),
        person: person(self),
        name: nameOf(ownDevice()),
        current: true,
        state: differs ? 'different' : 'same',
        seq,
        time: checkedAt,
      },
    ];
  }

  function others({ devices }: Known): DeviceSync[] {
    return devices
      .filter(({ device }) => device !== ownDevice())
      .map(({ user, device, ...word }) => {
        const name = user === self ? nameOf(device) : null;
        return { device, person: person(user), name, current: false, ...word };
      });
  }

  function view(conversation: ConversationId): SyncStatus {
    const { stored, head } = store.conversations.position(conversation) ?? { stored: 0, head: 0 };
    const was = known(conversation);
    const work = works.get(conversation);
    const rested = was.state === 'same' && deps.relay() !== 'ready' ? 'unknown' : was.state;
    return {
      conversation,
      state: work?.state ?? rested,
      seq: stored,
      head,
      from: was.from,
      checkedAt: was.checkedAt,
      devices: [...own(was), ...others(was)],
      repair: work?.repair ?? was.repair,
      problem: was.problem ?? (deps.relay() === 'old' ? oldRelayProblem : null),
    };
  }

  const tell = (conversation: ConversationId) => deps.onChanged(view(conversation));

  return {
    known,
    learn(conversation, next) {
      works.delete(conversation);
      store.transact(() => store.state.set(stateName(conversation), next));
      tell(conversation);
    },
    work(conversation, work) {
      if (work) works.set(conversation, work);
      else works.delete(conversation);
      tell(conversation);
    },
    rest: () => works.clear(),
    view,
    tell,
  };
}

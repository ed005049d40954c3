/** Takes messages in: one durable commit for a group, then `accepted` to the senders and the messages to the members. */
import {
  ParleyError,
  type ClientFrame,
  type ConversationId,
  type Envelope,
  type FrameOf,
  type UserId,
} from '../../protocol/index.ts';
import type { AppendOutcome } from '../ports/store.ts';
import { refusals, say } from './frames-out.ts';
import { OutageLog } from './outage-log.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';

export type SendFrame = FrameOf<ClientFrame, 'send'>;

export interface PendingSend {
  readonly session: OpenSession;
  readonly frame: SendFrame;
}

/** What the relay calls the messages that people send. */
const contentKind = 'content';

export interface Acceptor {
  /** Stores a group and tells everyone concerned; never rejects. @returns why nothing was stored or told, or null. */
  store(group: readonly PendingSend[], lane?: number): Promise<unknown>;
  /** Tells the senders that their messages were not stored. */
  refuse(group: readonly PendingSend[], cause: unknown): void;
}

export function createAcceptor({ store, bus, clock, log, uptime, metrics }: RelayParts): Acceptor {
  const outage = new OutageLog({ log, uptime }, 'messages.not_stored');

  async function storeGroup(group: readonly PendingSend[], lane?: number): Promise<unknown> {
    const since = performance.now();
    try {
      const messages = group.map(({ session: { user, device }, frame: { conversation, id, epoch, payload } }) => {
        return { conversation, id, user, device, epoch, kind: contentKind, payload };
      });
      const outcomes = await store.log.append(messages, clock(), lane);
      metrics.committed(group.length, performance.now() - since);
      tell(group, outcomes);
      return null;
    } catch (cause) {
      return cause ?? internal(cause);
    }
  }

  function refuseGroup(group: readonly PendingSend[], cause: unknown): void {
    outage.note(cause, { messages: group.length });
    const error = cause instanceof ParleyError ? cause : internal(cause);
    for (const { session, frame } of group) refuse(session, frame, error);
  }

  /** In the order of the group, so that each socket hears of a conversation's messages in seq order. */
  function tell(group: readonly PendingSend[], outcomes: readonly AppendOutcome[]): void {
    const runs = new Map<ConversationId, Run>();
    const heads = new Map<ConversationId, Head>();
    let accepted = 0;
    for (const [index, { session, frame }] of group.entries()) {
      const outcome = outcomes[index];
      if (!outcome) continue;
      if (outcome.state === 'refused') {
        refuse(session, frame, new ParleyError(outcome.code, { message: refusals[outcome.code] }), epochOf(outcome));
        continue;
      }
      const { conversation, id } = frame;
      if (outcome.state === 'accepted') {
        accepted++;
        extendRun(runs, session, outcome.members, conversation, toEnvelope(session, frame, outcome));
      } else if (outcome.seq > (heads.get(conversation)?.head ?? 0)) {
        heads.set(conversation, { head: outcome.seq, members: outcome.members });
      }
      say(session, { type: 'accepted', conversation, id, seq: outcome.seq, time: outcome.time });
    }
    metrics.messagesAccepted(accepted);
    runs.forEach(publish);
    heads.forEach(publishHead);
  }

  /** Messages that one device sent one after another become one note; another sender's message ends the run. */
  function extendRun(
    runs: Map<ConversationId, Run>,
    session: OpenSession,
    members: readonly UserId[],
    conversation: ConversationId,
    message: Envelope,
  ): void {
    const run = runs.get(conversation);
    if (run?.session === session) return void run.messages.push(message);
    if (run) publish(run);
    runs.set(conversation, { session, members, conversation, messages: [message] });
  }

  function publish({ session, members, conversation, messages }: Run): void {
    const note = { type: 'messages', conversation, messages, except: session.device } as const;
    for (const member of members) bus.publish(`user:${member}`, note);
  }

  function publishHead({ head, members }: Head, conversation: ConversationId): void {
    for (const member of members) bus.publish(`user:${member}`, { type: 'head', conversation, head });
  }

  return { store: storeGroup, refuse: refuseGroup };
}

/** Stored before, by a node or a process that may have died before it told anyone. */
interface Head {
  readonly head: number;
  readonly members: readonly UserId[];
}

interface Run {
  readonly session: OpenSession;
  readonly members: readonly UserId[];
  readonly conversation: ConversationId;
  readonly messages: Envelope[];
}

function toEnvelope(
  { user, device }: OpenSession,
  { id, payload }: SendFrame,
  { seq, time }: { seq: number; time: number },
): Envelope {
  return { seq, id, user, device, kind: contentKind, time, payload };
}

function epochOf(outcome: AppendOutcome): number | undefined {
  return 'epoch' in outcome ? outcome.epoch : undefined;
}

/** The message was not stored; `error` says why. */
export function refuse(
  session: OpenSession,
  { conversation, id }: SendFrame,
  error: ParleyError,
  epoch?: number,
): void {
  const { code, message, retryAfterMs } = error;
  say(session, {
    type: 'refused',
    conversation,
    id,
    code,
    message,
    ...(epoch === undefined ? {} : { epoch }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function internal(cause: unknown): ParleyError {
  return new ParleyError('internal', { message: 'The relay could not store the message. Try again.', cause });
}

/** Passes ephemeral payloads from device to device: never stored, and answered at once when nobody is there. */
import {
  ParleyError,
  type ClientFrame,
  type ConversationId,
  type DeviceId,
  type FrameOf,
  type UserId,
} from '../../protocol/index.ts';
import type { Subject } from '../ports/bus.ts';
import { errorFrame, refusals, say } from './frames-out.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';

type SignalFrame = FrameOf<ClientFrame, 'signal'>;

export function createSignals({ store, bus, log }: RelayParts) {
  return async (session: OpenSession, frame: SignalFrame): Promise<void> => {
    const { ref, conversation } = frame;
    try {
      const known = await store.conversations.get(conversation, session.user);
      if (!known) {
        const error = new ParleyError('not_found', { message: refusals.not_found });
        return say(session, errorFrame(error, { ref, conversation }));
      }
      const members = known.cursors.map(({ user }) => user);
      const subjects = frame.device
        ? await deviceSubject(frame.device, members)
        : othersSubjects(session.user, members);
      const reached = await bus.subscribed(subjects);
      if (reached.size === 0) return say(session, { type: 'unreachable', ref });
      for (const subject of reached) publish(subject, session, conversation, frame.payload);
    } catch (error) {
      log.warn('signal.failed', { error });
      say(session, { type: 'unreachable', ref });
    }
  };

  /** Empty for a device that is unknown or no member's. */
  async function deviceSubject(device: DeviceId, members: readonly UserId[]): Promise<Subject[]> {
    const found = await store.devices.byId(device);
    return found && members.includes(found.user) ? [`device:${device}`] : [];
  }

  function publish(
    subject: Subject,
    { user, device }: OpenSession,
    conversation: ConversationId,
    payload: SignalFrame['payload'],
  ): void {
    bus.publish(subject, { type: 'signal', conversation, user, device, payload });
  }
}

/** The other members; in a conversation with oneself, one's own devices. */
function othersSubjects(user: UserId, members: readonly UserId[]): Subject[] {
  const others = members.filter((member) => member !== user);
  return (others.length > 0 ? others : members).map((member): Subject => `user:${member}`);
}

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
import { isAway } from '../runtime/is-away.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';

type SignalFrame = FrameOf<ClientFrame, 'signal'>;

export function createSignals({ store, bus, log }: RelayParts) {
  return async (session: OpenSession, frame: SignalFrame): Promise<void> => {
    const { ref, conversation } = frame;
    try {
      const known = await store.conversations.get(conversation, session.user, 0);
      if (!known) {
        const error = new ParleyError('not_found', { message: refusals.not_found });
        return say(session, errorFrame(error, { ref, conversation }));
      }
      const members = known.cursors.map(({ user }) => user);
      const subjects = frame.device
        ? await deviceSubject(frame.device, session.device, members)
        : await audience(session, members, frame.own ?? false);
      const reached = await bus.subscribed(subjects);
      if (reached.size === 0) return say(session, { type: 'unreachable', ref });
      for (const subject of reached) publish(subject, session, conversation, frame.payload);
    } catch (error) {
      if (!isAway(error)) log.warn('signal.failed', { error });
      say(session, { type: 'unreachable', ref });
    }
  };

  /**
   * Whom a signal without a device goes to: the other members' devices, and the user's own where they are asked for or
   * nobody else is there. Own devices are told one by one, so that it does not come back to the one that sent it.
   */
  async function audience({ user, device }: OpenSession, members: readonly UserId[], own: boolean): Promise<Subject[]> {
    const others = members.filter((member) => member !== user);
    const subjects = others.map((member): Subject => `user:${member}`);
    if (!own && others.length > 0) return subjects;
    const devices = await store.devices.listOf(user);
    return [...subjects, ...devices.filter(({ id }) => id !== device).map(({ id }): Subject => `device:${id}`)];
  }

  /** Empty for a device that is unknown, no member's, or the sender itself. */
  async function deviceSubject(device: DeviceId, sender: DeviceId, members: readonly UserId[]): Promise<Subject[]> {
    const found = device === sender ? null : await store.devices.byId(device);
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

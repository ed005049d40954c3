/** Moves cursors in one commit for a group, and tells the members. */
import {
  ParleyError,
  type ClientFrame,
  type ConversationId,
  type Cursor,
  type FrameOf,
  type UserId,
} from '../../protocol/index.ts';
import { errorFrame, refusals, say } from './frames-out.ts';
import { OutageLog } from './outage-log.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';

export type CursorFrame = FrameOf<ClientFrame, 'cursor'>;

export interface PendingMove {
  readonly session: OpenSession;
  readonly frame: CursorFrame;
}

interface Moved {
  readonly members: readonly UserId[];
  /** The last of each user is the furthest. */
  readonly cursors: Map<UserId, Cursor>;
}

export interface CursorMover {
  /** Moves a group's cursors and tells everyone concerned; never rejects. @returns why nothing was moved or told, or null. */
  store(group: readonly PendingMove[], lane?: number): Promise<unknown>;
  /** Tells the devices that their cursors were not moved. */
  refuse(group: readonly PendingMove[], cause: unknown): void;
}

export function createCursorMover({ store, bus, log, uptime }: RelayParts): CursorMover {
  const outage = new OutageLog({ log, uptime }, 'cursors.not_stored');

  async function storeGroup(group: readonly PendingMove[], lane?: number): Promise<unknown> {
    const moves = group.map(({ session: { user }, frame: { conversation, delivered, read } }) => {
      return { conversation, user, delivered, read };
    });
    try {
      const moved = new Map<ConversationId, Moved>();
      for (const [index, outcome] of (await store.conversations.advance(moves, lane)).entries()) {
        const move = group[index];
        if (!move || !outcome) continue;
        if (outcome.state === 'refused')
          refuse(move, new ParleyError(outcome.code, { message: refusals[outcome.code] }));
        else remember(moved, move.frame.conversation, outcome);
      }
      moved.forEach(publish);
      return null;
    } catch (cause) {
      return cause ?? internal(cause);
    }
  }

  function refuseGroup(group: readonly PendingMove[], cause: unknown): void {
    outage.note(cause, { cursors: group.length });
    const error = cause instanceof ParleyError ? cause : internal(cause);
    for (const move of group) refuse(move, error);
  }

  function publish({ members, cursors }: Moved, conversation: ConversationId): void {
    const note = { type: 'cursors', conversation, cursors: [...cursors.values()] } as const;
    for (const member of members) bus.publish(`user:${member}`, note);
  }

  return { store: storeGroup, refuse: refuseGroup };
}

function internal(cause: unknown): ParleyError {
  return new ParleyError('internal', { message: 'The relay could not keep the cursor. Try again.', cause });
}

function remember(
  moved: Map<ConversationId, Moved>,
  conversation: ConversationId,
  { cursor, members }: { cursor: Cursor; members: readonly UserId[] },
): void {
  const known = moved.get(conversation);
  if (known) known.cursors.set(cursor.user, cursor);
  else moved.set(conversation, { members, cursors: new Map([[cursor.user, cursor]]) });
}

function refuse({ session, frame }: PendingMove, error: ParleyError): void {
  say(session, errorFrame(error, { conversation: frame.conversation }));
}

/** Moves members' cursors, many in one statement: upwards only, and never past what there is. */
import type { ConversationId, UserId } from '../../../protocol/index.ts';
import type { ConversationStore, CursorAdvance, CursorMove, CursorRefusal } from '../../ports/store.ts';
import type { Connection } from './connections.ts';
import type { Act, AskLive, Database } from './database.ts';
import type { MembersCache } from './members-cache.ts';
import { advanceOneByOne, type CursorRow, type WantedCursor } from './one-by-one.ts';
import { idList, numberList } from './values.ts';

/**
 * $1 to $4: the moves, where delivered is as far as read at least. Cursors are locked in the order of their keys, so that
 * two relays never wait for each other crosswise. What comes back is what was there before; the outcomes follow from it.
 */
const text = `
  WITH moves AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[]) AS m (conversation_id, user_id, delivered, read)
  ),
  locked AS (
    SELECT c.conversation_id, m.user_id, m.delivered, m.read, c.head, c.epoch
    FROM (SELECT DISTINCT conversation_id, user_id FROM moves) AS asked
    JOIN members m ON m.conversation_id = asked.conversation_id AND m.user_id = asked.user_id
    JOIN conversations c ON c.conversation_id = m.conversation_id
    ORDER BY m.conversation_id, m.user_id FOR UPDATE OF m
  ),
  wanted AS (
    SELECT l.conversation_id, l.user_id, max(m.delivered) AS delivered, max(m.read) AS read
    FROM locked l JOIN moves m ON m.conversation_id = l.conversation_id AND m.user_id = l.user_id
    WHERE m.delivered <= l.head GROUP BY l.conversation_id, l.user_id
  ),
  moved AS (
    UPDATE members m SET delivered = greatest(m.delivered, w.delivered), read = greatest(m.read, w.read)
    FROM wanted w WHERE m.conversation_id = w.conversation_id AND m.user_id = w.user_id
      AND (m.delivered < w.delivered OR m.read < w.read)
  )
  SELECT conversation_id, user_id, delivered, read, head, epoch FROM locked`;

interface Place {
  readonly head: number;
  delivered: number;
  read: number;
}

type Outcome = CursorAdvance | CursorRefusal | null;

const act: Act = { name: 'conversations.advance', repeatable: true };

export function createCursorMover(database: Database, members: MembersCache): ConversationStore['advance'] {
  const ask = database.engine.writesAcrossKeys ? advanceAll : advanceOneByOne;

  async function advance(moves: readonly CursorMove[], live: AskLive): Promise<Outcome[]> {
    const wanted = moves.map(wantedOf);
    let isDoubtful = false;
    const [rows] = await Promise.all([
      live(act, (connection, doubtful) => {
        isDoubtful ||= doubtful;
        return ask(connection, wanted);
      }),
      members.ensure(new Set(moves.map(({ conversation }) => conversation)), live),
    ]);
    const places = new Map(rows.map((row) => [keyOf(row[0], row[1]), placeOf(row)]));
    await members.load(
      rows.filter((row) => members.get(row[0])?.epoch !== row[5]).map(([conversation]) => conversation),
      live,
    );
    return moves.map((move) => {
      const place = places.get(keyOf(move.conversation, move.user));
      return outcomeOf(move, place, { users: members.get(move.conversation)?.users ?? [], isDoubtful });
    });
  }

  return async (moves, lane) =>
    moves.length === 0 ? [] : advance(moves, lane === undefined ? database.live : database.divided);
}

function wantedOf({ conversation, user, delivered = 0, read = 0 }: CursorMove): WantedCursor {
  return { conversation, user, delivered: Math.max(delivered, read), read };
}

function advanceAll(connection: Connection, wanted: readonly WantedCursor[]): Promise<CursorRow[]> {
  const values = [
    idList(wanted.map(({ conversation }) => conversation)),
    idList(wanted.map(({ user }) => user)),
    numberList(wanted.map(({ delivered }) => delivered)),
    numberList(wanted.map(({ read }) => read)),
  ];
  return connection.rows<CursorRow>({ name: 'advance', text, values });
}

interface Circumstances {
  readonly users: readonly UserId[];
  /** These moves may have been made already, by a try whose answer was lost: then who is to hear of them is told now. */
  readonly isDoubtful: boolean;
}

/** What the move did, given where the cursor stood; and where it stands then, for the next move of the same one. */
function outcomeOf(move: CursorMove, place: Place | undefined, { users, isDoubtful }: Circumstances): Outcome {
  if (!place) return { state: 'refused', code: 'not_found' };
  const { user, delivered = 0, read = 0 } = move;
  if (Math.max(delivered, read) > place.head) return { state: 'refused', code: 'seq_ahead' };
  const merged = { delivered: Math.max(place.delivered, delivered, read), read: Math.max(place.read, read) };
  const isNothing = merged.delivered === place.delivered && merged.read === place.read;
  if (isNothing && !isDoubtful) return null;
  Object.assign(place, merged);
  return { state: 'advanced', cursor: { user, ...merged }, members: users };
}

function placeOf([, , delivered, read, head]: CursorRow): Place {
  return { delivered, read, head };
}

function keyOf(conversation: ConversationId, user: UserId): string {
  return conversation + user;
}

/** Walks through the log of some conversations in a database of a fleet: numbers, senders, times, and each chain. */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { chainFormat, type ConversationId, type DeviceId, type MessageId } from '../../../protocol/index.ts';
import { firstLink, nextLink } from '../../relay/fold.ts';
import type { ColdEnds } from '../migrate/cold-ends.ts';
import type { Row } from '../migrate/parts.ts';
import type { Source, Window } from '../migrate/sides.ts';
import type { SharedClaims } from './shared-claims.ts';
import type { LogDifferences } from './walk-log.ts';

interface Walked {
  seq: number;
  /** Null once it cannot be compared any more. */
  link: Uint8Array | null;
  time: number;
}

/** Ids are unique by the table's own key, which the database keeps. */
export async function walkSharedLog(
  client: ClientBase,
  source: Source,
  window: Window,
  { claims, cold }: { readonly claims: SharedClaims; readonly cold: ColdEnds },
  { messages, chains, devices }: LogDifferences,
): Promise<{ messages: number; checkpoints: number; cold: number }> {
  const conversations = new Map<string, Walked>();
  const senders = createSenders(client);
  const walk = { messages: 0, checkpoints: 0, cold: 0 };

  for (let page = await source.logPage(window, null); page; page = await source.logPage(window, page.position)) {
    await senders.learn(page.rows);
    for (const row of page.rows) visit(row);
  }
  for (const [conversation, seq] of claims.reach) {
    const there = conversations.get(conversation)?.seq ?? 0;
    if (seq > there) messages.add(`${conversation} ends at message ${there}, and ${seq} was there`);
  }
  return walk;

  function visit(row: Row<'log'>): void {
    const { conversation, seq, user, device, time } = row;
    walk.messages += 1;
    const walked = conversations.get(conversation) ?? startOf(conversation, seq);
    conversations.set(conversation, walked);
    const name = `message ${seq} of ${conversation}`;
    if (!claims.reach.has(conversation)) messages.add(`${name} belongs to a conversation that is not there`);
    if (!senders.isOf(device, user)) messages.add(`${name} has no sender that is there`);
    if (seq !== walked.seq + 1) messages.add(`${name} comes after message ${walked.seq}`);
    if (time < walked.time) messages.add(`${name} is earlier than the one before`);
    fold(walked, row);
    walked.seq = seq;
    walked.time = time;
  }

  /** What left the log for segments is not missing, and the chain goes on at their end. */
  function startOf(conversation: string, seq: number): Walked {
    if (cold.startOf(conversation, seq) === null)
      return { seq: 0, link: firstLink(conversation as ConversationId), time: 0 };
    walk.cold += seq - 1;
    return { seq: seq - 1, link: cold.linkAfter(conversation, seq - 1), time: 0 };
  }

  function fold(walked: Walked, { conversation, seq, message, device, payload }: Row<'log'>): void {
    if (seq !== walked.seq + 1) walked.link = null;
    walked.link =
      walked.link === null
        ? cold.linkAfter(conversation, seq)
        : nextLink(walked.link, { seq, device: device as DeviceId, id: message as MessageId, payload });
    if (walked.link === null) return;
    const link = Buffer.from(walked.link);
    for (const said of claims.signedOff(conversation, seq))
      if (!link.equals(said.link)) devices.add(`device ${said.device} holds another ${conversation}`);
    const kept = claims.checkpoint(conversation, seq);
    if (kept === undefined) return;
    walk.checkpoints += 1;
    if (link.equals(kept)) return;
    const since = seq - chainFormat.checkpointEvery + 1;
    chains.add(`messages ${since} to ${seq} of ${conversation} are not those that were accepted`);
    walked.link = null;
  }
}

const senderSchema = z.array(z.object({ device_id: z.string(), user_id: z.string() }));

/** Devices and whose they are, asked for a page of messages at a time. */
function createSenders(client: ClientBase) {
  const users = new Map<string, string | null>();
  return {
    async learn(rows: readonly Row<'log'>[]): Promise<void> {
      const unknown = [...new Set(rows.map(({ device }) => device))].filter((device) => !users.has(device));
      if (unknown.length === 0) return;
      const sql = 'SELECT device_id, user_id FROM device_users WHERE device_id = ANY($1)';
      const found = senderSchema.parse((await client.query<unknown[]>(sql, [unknown])).rows);
      for (const device of unknown) users.set(device, null);
      for (const { device_id, user_id } of found) users.set(device_id, user_id);
    },
    isOf: (device: string, user: string) => users.get(device) === user,
  };
}

/** Reads everything the relay has for a person, as a device that holds nothing yet would get it. */
import {
  paths,
  sessionSchema,
  type Conversation,
  type ConversationId,
  type Envelope,
  type FrameOf,
  type Profile,
  type RelayFrame,
} from '../../../protocol/index.ts';
import { helloFrame, openPlainClient } from '../../support/plain-client.ts';

export interface Audit {
  readonly conversations: ReadonlyMap<ConversationId, Conversation>;
  readonly logs: ReadonlyMap<ConversationId, readonly Envelope[]>;
  /** What the relay computes of the chain of each conversation, and what devices signed off. Only of a deep audit. */
  readonly chains: ReadonlyMap<ConversationId, FrameOf<RelayFrame, 'chained'>>;
}

export interface AuditorAccount {
  readonly user: Profile;
  readonly token: string;
}

/** Logs in straight at the relay, past the rig's faults. */
export async function logInAuditor(address: string, username: string, password: string): Promise<AuditorAccount> {
  const answer = await fetch(address + paths.sessions, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password, device: { name: 'Auditor', platform: 'rig' } }),
  });
  if (answer.status !== 201) throw new Error(`The auditor could not log in: ${await answer.text()}`);
  const { account, token } = sessionSchema.parse(await answer.json());
  return { user: account, token };
}

/** @param deep also asks for chains. @throws Error when the relay does not answer or breaks off. */
export async function audit(address: string, { token }: AuditorAccount, deep: boolean): Promise<Audit> {
  const client = openPlainClient(address);
  try {
    client.send(helloFrame(token));
    await client.next('welcome');
    client.send({ type: 'sync', have: [], last: true });
    await client.next('synced');
    const known = collect(client.frames);
    const chains = new Map<ConversationId, FrameOf<RelayFrame, 'chained'>>();
    for (const conversation of deep ? known.conversations.keys() : []) {
      client.send({ type: 'chain', ref: chains.size, conversation, seqs: [0] });
      chains.set(conversation, await client.next('chained'));
    }
    return { ...known, chains };
  } finally {
    client.ws.terminate();
  }
}

function collect(frames: readonly RelayFrame[]): Omit<Audit, 'chains'> {
  const conversations = new Map<ConversationId, Conversation>();
  const logs = new Map<ConversationId, Envelope[]>();
  for (const frame of frames) {
    if (frame.type === 'conversations') {
      for (const conversation of frame.conversations) {
        conversations.set(conversation.id, conversation);
        if (!logs.has(conversation.id)) logs.set(conversation.id, []);
      }
    }
    if (frame.type === 'deliver')
      logs.set(frame.conversation, [...(logs.get(frame.conversation) ?? []), ...frame.messages]);
  }
  return { conversations, logs };
}

/** People with engines of their own at a real relay. */
import { onTestFinished, vi } from 'vitest';
import type { EventName, EventOf } from '../../bridge/contract.ts';
import type { EngineContract } from '../../bridge/engine-contract.ts';
import { createHeadlessClient, type HeadlessClient, type HeadlessOptions } from '../../main/engine/headless.ts';
import { createId, type ConversationId, type DeviceId, type MessageId, type UserId } from '../../protocol/index.ts';
import { allMessages, sealedText, temporaryFolder, textOf } from './engine-client.ts';
import type { TestRelay } from './start-relay.ts';

export const password = 'correct horse battery';
const deadlineMs = 15_000;

export interface Person extends HeadlessClient {
  readonly id: UserId;
  readonly device: DeviceId;
  readonly username: string;
  readonly dataDir: string;
}

/** Registers, or logs in where the folder or the relay knows the person already. Stopped when the test is over. */
export async function openPerson(
  address: string,
  username: string,
  options: Partial<HeadlessOptions> & { known?: boolean } = {},
): Promise<Person> {
  const { known = false, ...rest } = options;
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const displayName = username.slice(0, 1).toUpperCase() + username.slice(1);
  const client = await createHeadlessClient({
    dataDir,
    address,
    username,
    password,
    ...(known ? {} : { register: { displayName } }),
    ...rest,
  });
  onTestFinished(() => client.stop());
  const session = await client.invoke('session.get');
  if (session.state !== 'signed-in') throw new Error('The person could not log in.');
  return { ...client, id: session.account.id, device: session.device, username, dataDir };
}

export async function online(client: HeadlessClient): Promise<void> {
  await eventually(async () => {
    const { state } = await client.invoke('connection.get');
    if (state !== 'online') throw new Error(`The connection is ${state}.`);
  });
}

/** Opens the direct conversation of two, known to both. */
export async function converse(one: Person, other: Person): Promise<ConversationId> {
  const { id } = await one.invoke('conversations.start', { user: other.id });
  await eventually(() => other.invoke('conversations.get', { conversation: id }));
  return id;
}

/** Tries until it does not throw. */
export function eventually<T>(check: () => Promise<T> | T, timeout = deadlineMs): Promise<T> {
  return vi.waitFor(check, { timeout, interval: 20 });
}

export async function texts(client: HeadlessClient, conversation: ConversationId): Promise<string[]> {
  return (await allMessages(client, conversation)).map(textOf);
}

/** Everything an event told so far, in order. */
export function record<N extends EventName<EngineContract>>(
  client: HeadlessClient,
  name: N,
): EventOf<EngineContract, N>[] {
  const events: EventOf<EngineContract, N>[] = [];
  client.on(name, (data) => events.push(data));
  return events;
}

/** Writes messages straight into the relay's log, as if somebody had sent them over the years. */
export async function fillLog(
  relay: TestRelay,
  conversation: ConversationId,
  sender: Person,
  count: number,
): Promise<void> {
  const group = 1_000;
  const now = Date.now();
  for (let done = 0; done < count; done += group) {
    const size = Math.min(group, count - done);
    const messages = Array.from({ length: size }, (_, index) => ({
      conversation,
      id: createId<MessageId>(),
      user: sender.id,
      device: sender.device,
      epoch: 0,
      kind: 'content',
      payload: sealedText(`Message ${done + index + 1}: the quick brown fox jumps over the lazy dog`),
    }));
    const [outcome] = await relay.store.log.append(messages, now - (count - done) * 1_000);
    if (outcome?.state !== 'accepted') throw new Error(`The relay's log refused: ${JSON.stringify(outcome)}`);
  }
}

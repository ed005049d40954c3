/** Messages, conversations and an engine whose answers a test gives one by one. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { ConversationView, MessagePage, MessageView } from '../../../bridge/views.ts';

export function brand<T>(id: string): T {
  return id as T;
}

export const room: ConversationView['id'] = brand('room');

export function message(order: number, changes: Partial<MessageView> = {}): MessageView {
  return {
    id: brand(`m${order}`),
    conversation: room,
    order,
    seq: order,
    sender: { id: brand('anna'), username: 'anna', displayName: 'Anna' },
    own: false,
    time: order * 1_000,
    content: { kind: 'text', text: `message ${order}`, replyTo: null },
    state: 'received',
    failure: null,
    edited: false,
    editedAt: null,
    reactions: [],
    change: null,
    ...changes,
  };
}

export function messages(from: number, to: number): MessageView[] {
  return Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
}

export function page(from: number, to: number, changes: Partial<MessagePage> = {}): MessagePage {
  return { messages: messages(from, to), hasOlder: from > 1, hasNewer: false, firstUnread: null, ...changes };
}

export function conversation(id: string, activeAt: number, changes: Partial<ConversationView> = {}): ConversationView {
  return {
    id: brand(id),
    kind: 'direct',
    title: id,
    peer: null,
    preview: null,
    activeAt,
    head: 0,
    unread: 0,
    readSeq: 0,
    draft: null,
    failed: 0,
    notes: false,
    pinnedAt: null,
    muted: false,
    mutedUntil: null,
    ...changes,
  };
}

interface Asked {
  readonly name: string;
  readonly input: unknown;
  answer(value: unknown): Promise<void>;
  refuse(error: Error): Promise<void>;
}

/** Lets everything that waits for the answer run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

export class HandEngine {
  readonly asked: Asked[] = [];
  readonly #listeners = new Map<string, (data: unknown) => void>();

  readonly client = {
    invoke: (name: string, input?: unknown) =>
      new Promise((resolve, reject) => {
        this.asked.push({
          name,
          input,
          answer: (value) => (resolve(value), settle()),
          refuse: (error) => (reject(error), settle()),
        });
      }),
    on: (name: string, listener: (data: unknown) => void) => {
      this.#listeners.set(name, listener);
      return () => this.#listeners.delete(name);
    },
    close: () => undefined,
  } as unknown as RpcClient<EngineContract>;

  emit(name: string, data: unknown): void {
    this.#listeners.get(name)?.(data);
  }

  names(): string[] {
    return this.asked.map(({ name }) => name);
  }

  at(index: number): Asked {
    const asked = this.asked.at(index);
    if (!asked) throw new Error(`Nothing was asked at ${index}.`);
    return asked;
  }
}

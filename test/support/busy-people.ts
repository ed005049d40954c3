/** People at a fleet who write to each other without a break, and what must have become of all of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ConversationId } from '../../protocol/index.ts';
import { allMessages, textOf } from './engine-client.ts';
import { converse, eventually, openPerson, type Person } from './engine-people.ts';

export interface BusyPeople {
  /** Nobody begins another message. @returns how many were typed, once all of them are typed. */
  stop(): Promise<number>;
  /** Waits until everybody shows what each typed, once and in the order typed, in the same order as everybody else. */
  expectAllThere(): Promise<void>;
}

const pauseMs = 25;
/** Who has so much waiting pauses: a machine that is busy with other things need not catch up with hours of it. */
const mostWaiting = 30;
const settleMs = 30_000;

/** @param address of the fleet. Two people and their conversation. */
export async function startTalking(address: string): Promise<BusyPeople> {
  const people = [await openPerson(address, 'alice'), await openPerson(address, 'bob')] as const;
  const conversation = await converse(...people);
  const typed = people.map((): string[] => []);
  let goesOn = true;

  async function talk(person: Person, own: string[]): Promise<void> {
    while (goesOn) {
      await sleep(pauseMs);
      if ((await waitingOf(person, conversation)) >= mostWaiting) continue;
      const text = `${person.username} ${own.length}`;
      own.push(text);
      await person.invoke('messages.send', { conversation, text });
    }
  }

  const talking = people.map((person, index) => talk(person, typed[index] ?? []));
  return {
    async stop() {
      goesOn = false;
      await Promise.all(talking);
      return typed.flat().length;
    },
    expectAllThere: () => eventually(() => compare(people, typed, conversation), settleMs),
  };
}

async function waitingOf(person: Person, conversation: ConversationId): Promise<number> {
  const page = await person.invoke('messages.page', { conversation, anchor: { at: 'latest' }, limit: 100 });
  return page.messages.filter(({ seq }) => seq === null).length;
}

async function compare(
  people: readonly Person[],
  typed: readonly (readonly string[])[],
  conversation: ConversationId,
): Promise<void> {
  const shown = await Promise.all(people.map((person) => allMessages(person, conversation)));
  const [first = [], ...others] = shown.map((messages) =>
    messages.map((message) => `${message.seq} ${textOf(message)}`),
  );
  for (const other of others) expect(other).toEqual(first);
  const all = shown[0] ?? [];
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
  for (const [index, { id }] of people.entries())
    expect(all.filter(({ sender }) => sender.id === id).map(textOf)).toEqual(typed[index]);
  for (const person of people) expect((await person.invoke('session.get')).state).toBe('signed-in');
}

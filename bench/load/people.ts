/** The people of a benchmark: who they are, what they log in with, and whom they write to. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ConversationId, DeviceId, UserId } from '../../protocol/index.ts';

export interface LoadPerson {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly token: string;
  /** The direct conversation with the neighbour: persons 0 and 1, 2 and 3, and so on. */
  readonly conversation: ConversationId;
}

export function savePeople(file: string, people: readonly LoadPerson[]): void {
  writeFileSync(file, JSON.stringify(people));
}

export function loadPeople(file: string): LoadPerson[] {
  return JSON.parse(readFileSync(file, 'utf8')) as LoadPerson[];
}

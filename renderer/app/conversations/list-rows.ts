/** The rows of the list: conversations, and while somebody searches, notes to self, people on the relay, messages. Pure. */
import type { ConversationView, PersonView, SearchHit } from '../../../bridge/views.ts';
import type { MessageResult } from '../search/message-search.svelte.ts';
import { wordsMatch } from './conversation-order.ts';
import type { PeopleResult } from './people-search.svelte.ts';

export type ListRow =
  | { kind: 'conversation'; key: string; conversation: ConversationView }
  | { kind: 'notes'; key: string }
  | { kind: 'person'; key: string; person: PersonView }
  | { kind: 'message'; key: string; hit: SearchHit }
  | { kind: 'heading'; key: string; words: string }
  | { kind: 'note'; key: string; words: string };

export const notesTitle = 'Notes to self';

/** Rows that can be chosen. */
export type ListOption = Extract<ListRow, { kind: 'conversation' | 'notes' | 'person' | 'message' }>;

export function isOption(row: ListRow | undefined): row is ListOption {
  return row !== undefined && row.kind !== 'heading' && row.kind !== 'note';
}

interface SearchState {
  readonly query: string;
  readonly people: PeopleResult;
  readonly messages: MessageResult;
  readonly relay: string;
}

export function listRows(conversations: readonly ConversationView[], search: SearchState | null): ListRow[] {
  const rows = conversations.map((conversation): ListRow => {
    return { kind: 'conversation', key: conversation.id, conversation };
  });
  if (search === null) return rows;
  const people = [...peopleRows(conversations, search), ...messageRows(search.messages)];
  if (!offersNotes(conversations, search.query)) return [...rows, ...people];
  const notes: ListRow = { kind: 'notes', key: 'notes' };
  return search.query.trim() === '' ? [notes, ...rows, ...people] : [...rows, notes, ...people];
}

/** Notes that are in the list already are found there. */
function offersNotes(conversations: readonly ConversationView[], query: string): boolean {
  return !conversations.some(({ notes }) => notes) && meansNotes(query);
}

/** A single letter begins many names. */
function meansNotes(query: string): boolean {
  return query.trim().length !== 1 && wordsMatch(notesTitle, query);
}

function peopleRows(
  conversations: readonly ConversationView[],
  { query, people, messages, relay }: SearchState,
): ListRow[] {
  const heading: ListRow = { kind: 'heading', key: 'heading', words: `People on ${relay}` };
  const note = (words: string): ListRow => ({ kind: 'note', key: 'note', words });
  if (people.state === 'idle') return [heading, note('Write a name or username to find someone.')];
  if (people.state === 'searching') return [heading, note('Searching…')];
  if (people.state === 'failed') return [heading, note(people.fault.message)];
  const listed = new Set(conversations.map(({ peer }) => peer?.id));
  const others = people.people.filter(({ id }) => !listed.has(id));
  const rows = others.map((person): ListRow => ({ kind: 'person', key: person.id, person }));
  if (rows.length > 0) return [heading, ...rows];
  const found = conversations.length > 0 || wordsMatch(notesTitle, query) || hitsOf(messages).length > 0;
  return found ? [] : [heading, note(`Nobody here is called “${query.trim()}”.`)];
}

function hitsOf(messages: MessageResult): readonly SearchHit[] {
  return messages.state === 'found' ? messages.hits : [];
}

/** Nothing stands here before something is found: of people and conversations one learns sooner. */
function messageRows(messages: MessageResult): ListRow[] {
  const heading: ListRow = { kind: 'heading', key: 'messages', words: 'Messages' };
  if (messages.state === 'failed')
    return [heading, { kind: 'note', key: 'messages-note', words: messages.fault.message }];
  const rows = hitsOf(messages).map((hit): ListRow => ({ kind: 'message', key: `hit-${hit.message.id}`, hit }));
  return rows.length > 0 ? [heading, ...rows] : [];
}

/** The option `by` steps from the one at `key`; past an end it stays there. */
export function neighbour(rows: readonly ListRow[], key: string | null, by: 1 | -1): string | null {
  const options = rows.filter(isOption);
  const at = options.findIndex((option) => option.key === key);
  if (at < 0) return (by === 1 ? options[0] : options.at(-1))?.key ?? null;
  return options[Math.min(options.length - 1, Math.max(0, at + by))]?.key ?? null;
}

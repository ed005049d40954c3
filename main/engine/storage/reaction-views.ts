/** Gathers reactions for the screens: one row an emoji, in the order in which they came to be. */
import type { PersonView, ReactionView } from '../../../bridge/views.ts';
import type { UserId } from '../../../protocol/index.ts';
import type { ShownReaction } from './reactions-table.ts';

/** So many of those who reacted are named. */
const namedPeople = 20;
/** What a member sends as a reaction is not in our hands: a message never grows a wall of them. */
const shownEmojis = 50;

export function reactionViews(reactions: readonly ShownReaction[], self: UserId): ReactionView[] {
  const byEmoji = new Map<string, PersonView[]>();
  for (const { emoji, person } of reactions) {
    const people = byEmoji.get(emoji) ?? [];
    people.push(person);
    byEmoji.set(emoji, people);
  }
  const views = [...byEmoji].map(([emoji, people]) => ({
    emoji,
    count: people.length,
    own: people.some(({ id }) => id === self),
    people: people.slice(0, namedPeople),
  }));
  return views.filter(({ own }, index) => own || index < shownEmojis);
}

/** The person's own reaction on top of what the log says, or out of it. */
export function withOwnReaction(
  views: readonly ReactionView[],
  { emoji, on }: { readonly emoji: string; readonly on: boolean },
  self: PersonView,
): ReactionView[] {
  const known = views.find((view) => view.emoji === emoji);
  if ((known?.own ?? false) === on) return [...views];
  if (!known) return [...views, { emoji, count: 1, own: true, people: [self] }];
  const others = known.people.filter(({ id }) => id !== self.id);
  const changed = on
    ? { ...known, count: known.count + 1, own: true, people: [...known.people, self].slice(0, namedPeople) }
    : { ...known, count: known.count - 1, own: false, people: others };
  return views.map((view) => (view === known ? changed : view)).filter(({ count }) => count > 0);
}

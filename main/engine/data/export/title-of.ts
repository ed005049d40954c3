/** What a conversation is called in an export. */
import type { UserId } from '../../../../protocol/index.ts';
import type { ArchivedConversation } from '../../storage/archive-table.ts';

export function titleOf({ members }: ArchivedConversation, self: UserId): string {
  const others = members.filter(({ id }) => id !== self);
  if (others.length === 0) return 'Notes to self';
  return others.map(({ displayName, username }) => displayName || username).join(', ');
}

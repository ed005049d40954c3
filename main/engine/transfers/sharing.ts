/** Who may have which blob from here. */
import type { BlobId, ConversationId, UserId } from '../../../protocol/index.ts';
import type { TransfersDeps } from './transfers-deps.ts';

export interface Sharing {
  /** Whether the person here lets it be handed out: not one that was paused or cancelled. */
  isShared(blob: BlobId): boolean;
  /** The relay vouches that whoever signals in a conversation is a member of it. */
  wasSentIn(blob: BlobId, conversation: ConversationId): boolean;
  /** Whether that user is a member of a conversation in which the blob was sent. */
  mayHave(blob: BlobId, user: UserId): boolean;
}

export function createSharing({ table, members }: Pick<TransfersDeps, 'table' | 'members'>): Sharing {
  return {
    isShared(blob) {
      const state = table.get(blob)?.state;
      return state !== 'paused' && state !== 'cancelled';
    },
    wasSentIn: (blob, conversation) => table.conversationsOf(blob).includes(conversation),
    mayHave: (blob, user) => table.conversationsOf(blob).some((conversation) => members(conversation).includes(user)),
  };
}

/** The identifiers of Parley: canonical lower-case UUIDs, branded so that one kind is never taken for another. */
import { v7 } from 'uuid';
import { z } from 'zod';

const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'is not an id');

export const relayIdSchema = uuid.brand<'RelayId'>();
export const userIdSchema = uuid.brand<'UserId'>();
export const deviceIdSchema = uuid.brand<'DeviceId'>();
export const conversationIdSchema = uuid.brand<'ConversationId'>();
export const messageIdSchema = uuid.brand<'MessageId'>();

/** Made once with a relay's database; tells one relay from another at the same address. */
export type RelayId = z.infer<typeof relayIdSchema>;
export type UserId = z.infer<typeof userIdSchema>;
export type DeviceId = z.infer<typeof deviceIdSchema>;
export type ConversationId = z.infer<typeof conversationIdSchema>;
/** Given by the sender (UUIDv7); the relay stores a message id once per conversation. */
export type MessageId = z.infer<typeof messageIdSchema>;

type AnyId = RelayId | UserId | DeviceId | ConversationId | MessageId;

/**
 * Makes a fresh UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits.
 * @param now milliseconds since 1970 for the time part; without it the system clock, kept monotonic.
 */
export function createId<T extends AnyId>(now?: number): T {
  return (now === undefined ? v7() : v7({ msecs: now })) as T;
}

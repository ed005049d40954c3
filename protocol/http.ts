/** The HTTP side of the protocol: paths, request and answer schemas. Every failure answers with `errorBodySchema`. */
import { z } from 'zod';
import { blobIdSchema, type BlobId } from './blobs.ts';
import {
  accountSchema,
  conversationSchema,
  deviceSchema,
  profileSchema,
  registrationModeSchema,
  timeSchema,
} from './entities.ts';
import { conversationIdSchema, deviceIdSchema, relayIdSchema, userIdSchema, type ConversationId } from './ids.ts';
import { limits } from './limits.ts';
import {
  deviceNameSchema,
  displayNameSchema,
  emailSchema,
  passwordSchema,
  phoneSchema,
  usernameSchema,
} from './names.ts';

export const paths = {
  relay: '/v1/relay',
  accounts: '/v1/accounts',
  account: '/v1/account',
  password: '/v1/account/password',
  sessions: '/v1/sessions',
  currentSession: '/v1/sessions/current',
  devices: '/v1/devices',
  users: '/v1/users',
  usersByName: '/v1/users/by-name',
  conversations: '/v1/conversations',
  /** `POST`, and then `HEAD`, `PATCH`, `GET` and `DELETE` on `/ID`, `GET` on `/ID/hashes`. */
  blobs: '/v1/conversations/:conversation/blobs',
  media: '/v1/media',
  ice: '/v1/ice',
  socket: '/v1/socket',
  health: '/healthz',
  ready: '/readyz',
  metrics: '/metrics',
} as const;

/** `GET /v1/relay`: who is there; needs no session. `product` is always `parley-relay`. */
export const relayInfoSchema = z.object({
  product: z.literal('parley-relay'),
  id: relayIdSchema,
  name: z.string().max(200),
  version: z.string().max(64),
  protocol: z.array(z.number().int()),
  registration: registrationModeSchema,
  directory: z.boolean(),
  time: timeSchema,
});
export type RelayInfo = z.infer<typeof relayInfoSchema>;

const deviceInput = z.object({ name: deviceNameSchema, platform: z.string().min(1).max(32) });

/** `POST /v1/accounts`. */
export const registerSchema = z.object({
  username: usernameSchema,
  password: passwordSchema,
  displayName: displayNameSchema,
  email: emailSchema.nullish(),
  phone: phoneSchema.nullish(),
  invite: z.string().min(1).max(128).optional(),
  device: deviceInput,
});
export type RegisterRequest = z.input<typeof registerSchema>;

/** `POST /v1/sessions`. The password has no lower bound here: a wrong one is simply wrong. */
export const loginSchema = z.object({
  username: z.string().max(256),
  password: z
    .string()
    .max(limits.passwordCharacters.max)
    .transform((text) => text.normalize('NFC')),
  device: deviceInput,
});
export type LoginRequest = z.input<typeof loginSchema>;

/** Answer of `POST /v1/accounts` and `POST /v1/sessions`. The token is shown this once; the relay keeps its hash. */
export const sessionSchema = z.object({ account: accountSchema, device: deviceIdSchema, token: z.string() });
export type Session = z.infer<typeof sessionSchema>;

/** `PATCH /v1/account`: what is left out stays; `null` takes e-mail or phone away. */
export const updateAccountSchema = z.object({
  displayName: displayNameSchema.optional(),
  email: emailSchema.nullable().optional(),
  phone: phoneSchema.nullable().optional(),
});
export type UpdateAccountRequest = z.input<typeof updateAccountSchema>;

/** `POST /v1/account/password`: ends the sessions of all other devices. */
export const changePasswordSchema = z.object({
  current: z
    .string()
    .max(limits.passwordCharacters.max)
    .transform((text) => text.normalize('NFC')),
  next: passwordSchema,
  /** Whether the other devices, whose sessions end, are to erase what they keep; yes unless said. */
  erase: z.boolean().optional(),
});
export type ChangePasswordRequest = z.input<typeof changePasswordSchema>;

export const accountAnswerSchema = z.object({ account: accountSchema });
export const devicesAnswerSchema = z.object({ devices: z.array(deviceSchema) });

/** `GET /v1/users?prefix=an&limit=20`: usernames and words of display names that begin so. */
export const searchUsersSchema = z.object({
  prefix: z.string().min(1).max(64),
  limit: z.coerce.number().int().min(1).max(limits.pageRows).default(20),
});
export const usersAnswerSchema = z.object({ users: z.array(profileSchema) });
export const userAnswerSchema = z.object({ user: profileSchema });

/**
 * `POST /v1/conversations`: creates or finds the direct conversation of the caller and `with`.
 * `id`: of the conversation that these two had, as a device remembers it that a relay was restored without.
 */
export const openConversationSchema = z.object({
  kind: z.literal('direct'),
  with: userIdSchema,
  id: conversationIdSchema.optional(),
});
export const conversationAnswerSchema = z.object({
  conversation: conversationSchema,
  profiles: z.array(profileSchema),
});

/** `GET /v1/conversations?after=<id>&limit=100`: by id, so that a listing is stable while messages come in. */
export const listConversationsSchema = z.object({
  after: conversationIdSchema.optional(),
  limit: z.coerce.number().int().min(1).max(limits.pageRows).default(limits.pageRows),
});
export const conversationsAnswerSchema = z.object({
  conversations: z.array(conversationSchema),
  profiles: z.array(profileSchema),
  /** Pass as `after` for the next page; null on the last one. */
  next: conversationIdSchema.nullable(),
});

/** The path of a conversation's blobs, or of one of them. */
export function blobPath(conversation: ConversationId, blob?: BlobId): string {
  const all = paths.blobs.replace(':conversation', conversation);
  return blob === undefined ? all : `${all}/${blob}`;
}

/**
 * `POST /v1/conversations/C/blobs`: begins, or goes on with, the caller's upload of a blob; `bytes` is the sealed size.
 * A blob that the caller may read already (from another conversation) is shared without sending it again.
 */
export const beginBlobSchema = z.object({ blob: blobIdSchema, bytes: z.number().int().positive() });
/** Where the upload stands. `whole`: the relay has it and every member may fetch it. */
export const blobUploadSchema = z.object({ offset: z.number().int().nonnegative(), whole: z.boolean() });
export type BlobUpload = z.infer<typeof blobUploadSchema>;

/** Says at which byte a `PATCH` goes on, and in answers how many bytes the relay has on disk. */
export const uploadOffsetHeader = 'Upload-Offset';
/** In answers to `HEAD` and `PATCH`: `?1` when the relay has the whole blob, else `?0`. */
export const uploadCompleteHeader = 'Upload-Complete';
/** In a `GET` of a blob, `?1`: the device can be sent to another address for the bytes, by a 307. */
export const directBlobHeader = 'Parley-Direct';

/** `GET /v1/media`: what this relay takes from the caller. */
export const mediaLimitsSchema = z.object({
  /** Largest blob (sealed size); 0 when this relay takes none. */
  blobBytes: z.number().int().nonnegative(),
  /** Bytes of the caller's blobs on this relay, and how many they may be; null: no limit. */
  usedBytes: z.number().int().nonnegative(),
  quotaBytes: z.number().int().nonnegative().nullable(),
  /** Days until a blob is removed; null: kept. */
  keepDays: z.number().positive().nullable(),
});
export type MediaLimits = z.infer<typeof mediaLimitsSchema>;

/** `GET /v1/ice`: servers for WebRTC, with credentials that last `ttlSeconds`. */
export const iceSchema = z.object({
  servers: z
    .array(
      z.object({
        urls: z.array(z.string().max(500)).max(8),
        username: z.string().max(500).optional(),
        credential: z.string().max(500).optional(),
      }),
    )
    .max(8),
  /** `turn`: connect by the TURN servers alone, so that peers do not learn one another's addresses. `off`: never connect directly. */
  direct: z.enum(['on', 'turn', 'off']),
  ttlSeconds: z.number().int().positive(),
});
export type Ice = z.infer<typeof iceSchema>;

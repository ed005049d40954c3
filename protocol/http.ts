/** The HTTP side of the protocol: paths, request and answer schemas. Every failure answers with `errorBodySchema`. */
import { z } from 'zod';
import {
  accountSchema,
  conversationSchema,
  deviceSchema,
  profileSchema,
  registrationModeSchema,
  timeSchema,
} from './entities.ts';
import { conversationIdSchema, deviceIdSchema, relayIdSchema, userIdSchema } from './ids.ts';
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

/** `POST /v1/conversations`: creates or finds the direct conversation of the caller and `with`. */
export const openConversationSchema = z.object({ kind: z.literal('direct'), with: userIdSchema });
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

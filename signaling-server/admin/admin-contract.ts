/** What an admin can do to a relay: one list of acts, done in this process or by the relay that is running. */
import { z } from 'zod';
import {
  accountSchema,
  deviceIdSchema,
  deviceSchema,
  displayNameSchema,
  emailSchema,
  passwordSchema,
  phoneSchema,
  usernameSchema,
} from '../../protocol/index.ts';

const adminUser = accountSchema.extend({ disabled: z.boolean() });
export type AdminUser = z.infer<typeof adminUser>;

const adminDevice = deviceSchema.omit({ current: true });
export type AdminDevice = z.infer<typeof adminDevice>;

const adminInvite = z.object({
  label: z.string(),
  createdAt: z.number(),
  expiresAt: z.number().nullable(),
  uses: z.number(),
  maxUses: z.number(),
  revoked: z.boolean(),
});
export type AdminInvite = z.infer<typeof adminInvite>;

const nothing = z.object({});
const named = z.object({ username: usernameSchema });

/** Act → what it takes and what it answers. */
export const adminContract = {
  status: {
    input: nothing,
    output: z.object({
      pid: z.number(),
      version: z.string(),
      sockets: z.number(),
      url: z.string(),
      /** Whether it takes nothing new. An older relay does not say it, and takes everything. */
      readOnly: z.boolean().default(false),
    }),
  },
  addUser: {
    input: named.extend({
      password: passwordSchema,
      displayName: displayNameSchema,
      email: emailSchema.nullable(),
      phone: phoneSchema.nullable(),
    }),
    output: adminUser,
  },
  listUsers: {
    input: z.object({ after: z.string().nullable(), limit: z.number().int().min(1).max(1_000) }),
    output: z.object({ users: z.array(adminUser) }),
  },
  /** A disabled account's sockets close at once, and its sessions rest until it is enabled again. */
  setUserDisabled: { input: named.extend({ disabled: z.boolean() }), output: adminUser },
  /** Ends all sessions of the user. */
  resetPassword: { input: named.extend({ password: passwordSchema }), output: z.object({ endedSessions: z.number() }) },
  createInvite: {
    input: z.object({ maxUses: z.number().int().min(1).max(1_000_000), expiresAt: z.number().nullable() }),
    output: adminInvite.extend({ code: z.string() }),
  },
  listInvites: { input: nothing, output: z.object({ invites: z.array(adminInvite) }) },
  revokeInvite: { input: z.object({ label: z.string() }), output: nothing },
  listDevices: { input: named, output: z.object({ devices: z.array(adminDevice) }) },
  revokeDevice: { input: z.object({ device: deviceIdSchema }), output: nothing },
  /** `file` is absolute. */
  backup: { input: z.object({ file: z.string().min(1) }), output: z.object({ bytes: z.number() }) },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

type Contract = typeof adminContract;
export type AdminAct = keyof Contract;
export type AdminInput<A extends AdminAct> = z.output<Contract[A]['input']>;
export type AdminOutput<A extends AdminAct> = z.output<Contract[A]['output']>;

/** Inputs have been parsed. Failures are ParleyErrors. */
export type AdminActs = { readonly [A in AdminAct]: (input: AdminInput<A>) => Promise<AdminOutput<A>> };

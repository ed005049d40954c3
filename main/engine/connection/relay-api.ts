/** The relay's HTTP side as typed calls; every failure is a ParleyError with words. */
import type { z } from 'zod';
import {
  accountAnswerSchema,
  conversationAnswerSchema,
  devicesAnswerSchema,
  errorBodySchema,
  isErrorCode,
  ParleyError,
  paths,
  sessionSchema,
  userAnswerSchema,
  usersAnswerSchema,
  type Account,
  type ChangePasswordRequest,
  type Conversation,
  type ConversationId,
  type Device,
  type DeviceId,
  type ErrorCode,
  type LoginRequest,
  type Profile,
  type RegisterRequest,
  type Session,
  type UpdateAccountRequest,
  type UserId,
} from '../../../protocol/index.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './http-client.ts';
import { notARelay } from './network-faults.ts';
import { relayAway } from './relay-check.ts';

export interface RelayApi {
  register(request: RegisterRequest): Promise<Session>;
  login(request: LoginRequest): Promise<Session>;
}

/** The calls that need a session. */
export interface SessionApi {
  logout(timeoutMs: number): Promise<void>;
  updateAccount(request: UpdateAccountRequest): Promise<Account>;
  changePassword(request: ChangePasswordRequest): Promise<void>;
  devices(): Promise<Device[]>;
  revokeDevice(device: DeviceId): Promise<void>;
  /** @param known the id that it has on this device, for a relay that lost it. */
  openDirect(user: UserId, known: ConversationId | null): Promise<{ conversation: Conversation; profiles: Profile[] }>;
  /** Null when nobody has that name. */
  userByName(username: string): Promise<Profile | null>;
  /** @throws ParleyError `directory_off` where the admin turned it off. */
  searchUsers(prefix: string, limit: number): Promise<Profile[]>;
}

export function createRelayApi(http: HttpClient, base: string): RelayApi {
  return {
    register: async (body) =>
      readAnswer(await http({ method: 'POST', base, path: paths.accounts, body }), sessionSchema, base),
    login: async (body) =>
      readAnswer(await http({ method: 'POST', base, path: paths.sessions, body }), sessionSchema, base),
  };
}

export function createSessionApi(http: HttpClient, base: string, token: string): SessionApi {
  const ask = (request: Omit<HttpRequest, 'base' | 'token'>) => http({ ...request, base, token });
  const read = async <T>(schema: z.ZodType<T>, request: Omit<HttpRequest, 'base' | 'token'>) =>
    readAnswer(await ask(request), schema, base);
  const run = async (request: Omit<HttpRequest, 'base' | 'token'>) => assertSuccess(await ask(request), base);

  return {
    logout: (timeoutMs) => run({ method: 'DELETE', path: paths.currentSession, timeoutMs }),
    updateAccount: async (body) =>
      (await read(accountAnswerSchema, { method: 'PATCH', path: paths.account, body })).account,
    changePassword: (body) => run({ method: 'POST', path: paths.password, body }),
    devices: async () => (await read(devicesAnswerSchema, { method: 'GET', path: paths.devices })).devices,
    revokeDevice: (device) => run({ method: 'DELETE', path: `${paths.devices}/${device}` }),
    openDirect: (user, known) =>
      read(conversationAnswerSchema, {
        method: 'POST',
        path: paths.conversations,
        body: { kind: 'direct', with: user, ...(known && { id: known }) },
      }),
    async userByName(username) {
      const answer = await ask({ method: 'GET', path: `${paths.usersByName}/${encodeURIComponent(username)}` });
      return answer.status === 404 ? null : readAnswer(answer, userAnswerSchema, base).user;
    },
    async searchUsers(prefix, limit) {
      const query = new URLSearchParams({ prefix, limit: String(limit) });
      return (await read(usersAnswerSchema, { method: 'GET', path: `${paths.users}?${query}` })).users;
    },
  };
}

/** @throws ParleyError when the answer is a failure or not one of a relay. */
export function readAnswer<T>(answer: HttpAnswer, schema: z.ZodType<T>, base: string): T {
  assertSuccess(answer, base);
  const parsed = schema.safeParse(answer.body);
  if (!parsed.success) throw notARelay(base, parsed.error);
  return parsed.data;
}

/** @throws ParleyError with the relay's words when the answer is a failure. */
export function assertSuccess(answer: HttpAnswer, base: string): void {
  if (answer.status >= 200 && answer.status < 300) return;
  const failure = errorBodySchema.safeParse(answer.body).data?.error;
  if (!failure) throw [502, 503, 504].includes(answer.status) ? relayAway(base) : notARelay(base);
  const { message, field } = failure;
  const retryAfterMs = failure.retryAfterMs ?? answer.retryAfterMs;
  throw new ParleyError(knownCode(failure.code), {
    message,
    ...(field === undefined ? {} : { field }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** A code of a newer relay keeps its words; `bad_request` says that trying again changes nothing. */
function knownCode(code: string): ErrorCode {
  return isErrorCode(code) ? code : 'bad_request';
}

/** Every way in which Parley says no: one table of codes, one error class, one shape on every edge. */
import { z } from 'zod';

interface ErrorKind {
  /** Status of the HTTP answer. */
  readonly http: number;
  /** Close code of the WebSocket when the fault ends the connection; null where the connection goes on. */
  readonly close: number | null;
  /** Whether the same request may succeed later, unchanged. */
  readonly retry: boolean;
}

/** The table of codes. Close codes 4400 to 4499 follow the HTTP status that fits best. */
export const errorTable = {
  bad_request: { http: 400, close: null, retry: false },
  bad_frame: { http: 400, close: 4400, retry: false },
  unexpected_frame: { http: 400, close: 4409, retry: false },
  frame_too_large: { http: 413, close: 4413, retry: false },
  body_too_large: { http: 413, close: null, retry: false },
  payload_too_large: { http: 413, close: null, retry: false },
  unsupported_version: { http: 426, close: 4426, retry: false },
  hello_timeout: { http: 408, close: 4408, retry: true },
  heartbeat_timeout: { http: 408, close: 4410, retry: true },
  unauthenticated: { http: 401, close: 4401, retry: false },
  /** The session was ended from another device, or by an admin for this one: it is to erase what it keeps of the account. */
  device_revoked: { http: 401, close: 4411, retry: false },
  wrong_credentials: { http: 401, close: null, retry: false },
  account_disabled: { http: 403, close: 4403, retry: false },
  forbidden: { http: 403, close: null, retry: false },
  registration_closed: { http: 403, close: null, retry: false },
  invite_required: { http: 403, close: null, retry: false },
  invite_invalid: { http: 403, close: null, retry: false },
  directory_off: { http: 403, close: null, retry: false },
  not_found: { http: 404, close: null, retry: false },
  username_taken: { http: 409, close: null, retry: false },
  email_taken: { http: 409, close: null, retry: false },
  phone_taken: { http: 409, close: null, retry: false },
  message_id_taken: { http: 409, close: null, retry: false },
  stale_epoch: { http: 409, close: null, retry: false },
  seq_ahead: { http: 409, close: null, retry: false },
  replaced: { http: 409, close: 4412, retry: false },
  unreachable: { http: 404, close: null, retry: true },
  rate_limited: { http: 429, close: null, retry: true },
  flooding: { http: 429, close: 4429, retry: true },
  too_slow: { http: 408, close: 4414, retry: true },
  too_many_connections: { http: 429, close: 4430, retry: true },
  storage_full: { http: 507, close: null, retry: true },
  quota_exceeded: { http: 507, close: null, retry: true },
  blob_too_large: { http: 413, close: null, retry: false },
  blob_mismatch: { http: 422, close: null, retry: false },
  blob_offset: { http: 409, close: null, retry: true },
  range_invalid: { http: 416, close: null, retry: false },
  unavailable: { http: 503, close: 4503, retry: true },
  going_away: { http: 503, close: 4504, retry: true },
  internal: { http: 500, close: 4500, retry: true },
  // Raised on the device, about what it met; never sent by a relay.
  relay_unreachable: { http: 502, close: null, retry: true },
  not_a_relay: { http: 502, close: null, retry: false },
  different_relay: { http: 502, close: null, retry: false },
  certificate_refused: { http: 502, close: null, retry: false },
  storage_failed: { http: 500, close: null, retry: true },
  storage_newer: { http: 500, close: null, retry: false },
  storage_busy: { http: 500, close: null, retry: true },
  file_unreadable: { http: 500, close: null, retry: true },
  file_changed: { http: 500, close: null, retry: true },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorTable;

const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];
export const errorCodeSchema = z.enum(errorCodes);

interface ErrorOptions {
  /** For a person: what happened and what to do. */
  readonly message: string;
  readonly cause?: unknown;
  /** The input field at fault, for forms. */
  readonly field?: string;
  readonly retryAfterMs?: number;
}

/** Thrown inside a process; turned into data at its edges (HTTP, socket, bridge). */
export class ParleyError extends Error {
  override readonly name = 'ParleyError';
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, { message, cause, field, retryAfterMs }: ErrorOptions) {
    super(message, { cause });
    this.code = code;
    this.field = field;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The body of every HTTP answer that is not a success. */
export const errorBodySchema = z.object({
  error: z.object({
    code: errorCodeSchema.or(z.string().max(64)),
    message: z.string().max(1_000),
    field: z.string().max(64).optional(),
    retryAfterMs: z.number().nonnegative().optional(),
  }),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

/** Finds the code behind a WebSocket close code; null for codes that are not Parley's. */
export function errorCodeOfClose(close: number): ErrorCode | null {
  return errorCodes.find((code) => errorTable[code].close === close) ?? null;
}

/** Narrows a code from the wire: a relay newer than this build may send codes that it does not know. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

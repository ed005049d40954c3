/** Turns whatever was thrown into the one shape of failure that every HTTP answer has. */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { errorTable, ParleyError, type ErrorBody } from '../../protocol/index.ts';
import type { Log } from '../ports/log.ts';

export function errorBody({ code, message, field, retryAfterMs }: ParleyError): ErrorBody {
  return {
    error: {
      code,
      message: message.slice(0, 1_000),
      ...(field !== undefined && { field }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    },
  };
}

/** What was not meant to be told outside becomes `internal`. */
export function asParleyError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  if (error instanceof HTTPException && error.status < 500) {
    return new ParleyError('bad_request', { message: 'The request is malformed.', cause: error });
  }
  return new ParleyError('internal', { message: 'The relay made a mistake. Try again later.', cause: error });
}

export function answerError(context: Context, error: ParleyError): Response {
  if (error.retryAfterMs !== undefined) {
    context.header('Retry-After', String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))));
  }
  if (errorTable[error.code].http === 401 && error.code !== 'wrong_credentials')
    context.header('WWW-Authenticate', 'Bearer');
  return context.json(errorBody(error), errorTable[error.code].http as ContentfulStatusCode);
}

/** For `app.onError`. Faults of the relay itself are logged by route and cause, never with what was sent. */
export function createErrorHandler(log: Log) {
  return (thrown: Error, context: Context): Response => {
    const error = asParleyError(thrown);
    if (errorTable[error.code].http >= 500 && error.code !== 'unavailable' && error.code !== 'going_away') {
      log.error('http.failed', { method: context.req.method, error: error.cause ?? error });
    }
    return answerError(context, error);
  };
}

export function answerUnknownRoute(context: Context): Response {
  return answerError(context, new ParleyError('not_found', { message: 'There is nothing at this address.' }));
}

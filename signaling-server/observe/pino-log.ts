/** Structured logging with pino: one JSON object a line, `msg` is the event's name. */
import { pino, stdTimeFunctions, type DestinationStream } from 'pino';
import type { FaultFields, Log } from '../ports/log.ts';
import { createLogStream } from './log-stream.ts';

interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly format: 'json' | 'pretty';
  /** Instead of standard output. */
  readonly stream?: DestinationStream | undefined;
}

export function createPinoLog({ level, format, stream }: LogOptions): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream ?? createLogStream(format),
  );
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(describe(fields), event),
    error: (event, fields) => logger.error(describe(fields), event),
  };
}

/** An error is told by its code, message and stack; its other properties may hold what must not be logged. */
function describe({ error, ...fields }: FaultFields = {}): Record<string, unknown> {
  if (error === undefined) return fields;
  if (!(error instanceof Error)) return { ...fields, error: String(error) };
  const code = (error as { code?: unknown }).code;
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return {
    ...fields,
    error: error.message,
    code: typeof code === 'string' ? code : undefined,
    cause,
    stack: error.stack,
  };
}

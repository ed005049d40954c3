/** Structured logging as the relay's parts see it. Never message content, tokens or passwords. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** As `LogFields`; `error` is what was thrown, and is logged by its code, message and stack alone. */
export type FaultFields = Readonly<Record<string, unknown>> & { readonly error?: unknown };

export interface Log {
  /** @param event a dotted name of what happened, such as `socket.opened`. */
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: FaultFields): void;
  error(event: string, fields?: FaultFields): void;
}

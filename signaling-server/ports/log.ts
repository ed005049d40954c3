/** Structured logging as the relay's parts see it. Never message content, tokens or passwords. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  /** @param event a dotted name of what happened, such as `socket.opened`. */
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields & { error?: unknown }): void;
  error(event: string, fields?: LogFields & { error?: unknown }): void;
}

/** What of the typed is the message. */

/** Blank lines around a message are no part of it; the spaces that begin its first line are. */
export function messageText(typed: string): string {
  return typed.replace(/^(?:[^\S\n]*\n)+/u, '').trimEnd();
}

/** How chosen files become messages: their order, and how many go into each. */

/** Runs of at most `most`, in order. */
export function intoMessages<T>(items: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, at) => items.slice(at * most, (at + 1) * most));
}

/** Said before sending; null while everything fits into one message. */
export function messagesWords(files: number, most: number): string | null {
  const messages = Math.ceil(files / most);
  return messages > 1 ? `${files} files go as ${messages} messages, at most ${most} in each.` : null;
}

/** The list with the item at `from` moved to `to`; places outside the list are its ends. */
export function moved<T>(items: readonly T[], from: number, to: number): readonly T[] {
  const item = items[from];
  const place = Math.max(0, Math.min(items.length - 1, to));
  if (item === undefined || place === from) return items;
  const others = items.toSpliced(from, 1);
  return others.toSpliced(place, 0, item);
}

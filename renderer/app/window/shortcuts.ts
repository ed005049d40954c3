/** The keys that work anywhere in the window, and what they do. */

export type Shortcut =
  | { do: 'search' }
  | { do: 'find' }
  | { do: 'settings' }
  | { do: 'keys' }
  | { do: 'transfers' }
  | { do: 'step'; by: 1 | -1 }
  | { do: 'nth'; index: number }
  | { do: 'back' };

type Keys = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** @returns null for keys that mean nothing here. On macOS Cmd stands for Ctrl. */
export function shortcutOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }: Keys, mac: boolean): Shortcut | null {
  const command = mac ? metaKey && !ctrlKey : ctrlKey && !metaKey;
  if (altKey && !ctrlKey && !metaKey && !shiftKey) {
    if (key === 'ArrowUp') return { do: 'step', by: -1 };
    if (key === 'ArrowDown') return { do: 'step', by: 1 };
  }
  if (key === 'Escape' && !ctrlKey && !metaKey && !altKey) return { do: 'back' };
  if (!command || altKey) return null;
  // On some keyboards the slash is typed with Shift.
  if (key === '/') return { do: 'keys' };
  if (shiftKey) return null;
  if (key === ',') return { do: 'settings' };
  if (/^j$/i.test(key)) return { do: 'transfers' };
  if (/^f$/i.test(key)) return { do: 'find' };
  if (/^[kn]$/i.test(key)) return { do: 'search' };
  const digit = /^Digit([1-9])$/.exec(code)?.[1];
  return digit === undefined ? null : { do: 'nth', index: Number(digit) - 1 };
}

/** How a shortcut is written on this system. */
export function keyWords(key: string, mac: boolean): string {
  return mac ? `⌘${key}` : `Ctrl+${key}`;
}

/** Reads what Parley was started with: its own flags and a deep link, between those of Chromium and Node. */

export interface CommandLine {
  /** As typed, not yet checked; null when not given. */
  readonly profile: string | null;
  readonly dataDir: string | null;
  readonly deepLink: string | null;
}

/** Takes `--name value` and `--name=value`; the last one of a name counts, unknown words are left alone. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  return {
    profile: flagOf('--profile', words),
    dataDir: flagOf('--data-dir', words),
    deepLink: words.findLast((word) => /^parley:/i.test(word)) ?? null,
  };
}

function flagOf(flag: string, words: readonly string[]): string | null {
  const at = words.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const word = words[at];
  if (word === undefined) return null;
  return word === flag ? (words[at + 1] ?? '') : word.slice(flag.length + 1);
}

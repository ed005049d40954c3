/** The relay that the welcome screen is filled with: from a `parley://` link, or from the environment. */

export interface RelaySuggestion {
  get(): string | null;
  /** The relay that the link names is the suggestion from now on; other links change nothing. */
  accept(link: string): void;
  onChange(listener: (relay: string) => void): void;
}

const longestAddress = 300;

/** @param fromEnv an address as a person would type it. */
export function createRelaySuggestion(fromEnv: string | undefined): RelaySuggestion {
  const trimmed = fromEnv?.trim() ?? '';
  let suggestion = trimmed !== '' && trimmed.length <= longestAddress ? trimmed : null;
  const listeners = new Set<(relay: string) => void>();
  return {
    get: () => suggestion,
    accept(link) {
      const relay = parseRelayLink(link);
      if (relay === null) return;
      suggestion = relay;
      for (const listener of listeners) listener(relay);
    },
    onChange: (listener) => void listeners.add(listener),
  };
}

const hostPattern = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i;

/** Links of the form `parley://relay/<host>` fill in a relay's address, and can do nothing else. @returns the host, with its port where one is given; null for any other link. */
export function parseRelayLink(link: string): string | null {
  const host = /^parley:\/\/relay\/([^/?#]+)\/?$/i.exec(link)?.[1];
  return host !== undefined && hostPattern.test(host) ? host.toLowerCase() : null;
}

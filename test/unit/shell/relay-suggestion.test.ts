import { describe, expect, it } from 'vitest';
import { createRelaySuggestion, parseRelayLink } from '../../../main/relay-suggestion.ts';

describe('deep links', () => {
  it.each([
    ['parley://relay/chat.example.org', 'chat.example.org'],
    ['parley://relay/chat.example.org:8443/', 'chat.example.org:8443'],
    ['PARLEY://RELAY/Chat.Example.org', 'chat.example.org'],
    ['parley://relay/127.0.0.1:8080', '127.0.0.1:8080'],
    ['parley://relay/[::1]:8080', '[::1]:8080'],
  ])('%s names the relay %s', (link, relay) => {
    expect(parseRelayLink(link)).toBe(relay);
  });

  it.each([
    'parley://relay/',
    'parley://relay/a/b',
    'parley://relay/a?x=1',
    'parley://relay/a b',
    'parley://relay/user@host',
    'parley://relay/%2e%2e',
    'parley://relay/-x',
    'parley://relay/a:999999',
    'parley://send/hello',
    'https://relay/a',
    `parley://relay/${'a'.repeat(400)}`,
  ])('%s does nothing', (link) => {
    expect(parseRelayLink(link)).toBeNull();
  });
});

describe('the suggested relay', () => {
  it('comes from the environment until a link names another', () => {
    const suggestion = createRelaySuggestion(' http://localhost:8080 ');
    const seen: string[] = [];
    suggestion.onChange((relay) => seen.push(relay));
    expect(suggestion.get()).toBe('http://localhost:8080');
    suggestion.accept('parley://send/hello');
    expect(suggestion.get()).toBe('http://localhost:8080');
    suggestion.accept('parley://relay/chat.example.org');
    expect(suggestion.get()).toBe('chat.example.org');
    expect(seen).toEqual(['chat.example.org']);
  });

  it.each([undefined, '', '  ', 'x'.repeat(301)])('is none for %j', (text) => {
    expect(createRelaySuggestion(text).get()).toBeNull();
  });
});

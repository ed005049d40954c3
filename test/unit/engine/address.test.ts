/** Addresses as people type them. */
import { expect, test } from 'vitest';
import { isSecureAddress, parseAddress, socketUrl } from '../../../main/engine/connection/address.ts';

test.each([
  ['relay.example.org', ['https://relay.example.org']],
  ['  Relay.Example.org:8443/ ', ['https://relay.example.org:8443']],
  ['https://relay.example.org/v1/relay?x=1', ['https://relay.example.org']],
  ['http://relay.example.org', ['http://relay.example.org']],
  ['wss://relay.example.org', ['https://relay.example.org']],
  ['ws://10.0.0.7:9000', ['http://10.0.0.7:9000']],
  ['localhost:8080', ['https://localhost:8080', 'http://localhost:8080']],
  ['localhost', ['https://localhost', 'http://localhost', 'http://localhost:8080']],
  ['192.168.1.20:9000', ['https://192.168.1.20:9000', 'http://192.168.1.20:9000']],
  ['nas.local:80', ['https://nas.local:80', 'http://nas.local']],
  ['[fd00::1]:8080', ['https://[fd00::1]:8080', 'http://[fd00::1]:8080']],
  ['::1', ['https://[::1]', 'http://[::1]', 'http://[::1]:8080']],
  ['203.0.113.9', ['https://203.0.113.9']],
  ['münchen.example', ['https://xn--mnchen-3ya.example']],
])('%s is tried as %j', (typed, urls) => {
  expect(parseAddress(typed).urls).toEqual(urls);
});

test.each(['172.32.0.1', '11.0.0.1', 'example.com', '[2001:db8::1]'])(
  '%s is never tried without TLS unless http:// was typed',
  (typed) => {
    expect(parseAddress(typed).urls.every((url) => url.startsWith('https:'))).toBe(true);
  },
);

test.each([
  '',
  'two words',
  'ftp://relay.example.org',
  'user:secret@relay.example.org',
  'http://',
  'relay.example.org:99999',
])('"%s" is refused with words for the field', (typed) => {
  expect(() => parseAddress(typed)).toThrow(
    expect.objectContaining({ code: 'bad_request', field: 'address' }) as Error,
  );
});

test('plain http counts as secure on this very machine only', () => {
  expect(isSecureAddress('https://relay.example.org')).toBe(true);
  expect(isSecureAddress('http://localhost:8080')).toBe(true);
  expect(isSecureAddress('http://127.0.0.1:8080')).toBe(true);
  expect(isSecureAddress('http://192.168.1.20')).toBe(false);
});

test('the socket speaks TLS exactly where the address does', () => {
  expect(socketUrl('https://relay.example.org', '/v1/socket')).toBe('wss://relay.example.org/v1/socket');
  expect(socketUrl('http://localhost:8080', '/v1/socket')).toBe('ws://localhost:8080/v1/socket');
});

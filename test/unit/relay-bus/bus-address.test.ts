/** Reading where the NATS servers are. */
import { describe, expect, it } from 'vitest';
import { parseBusAddress } from '../../../signaling-server/adapters/nats/bus-address.ts';

const none = { user: undefined, password: undefined, token: undefined };

describe('the address of a bus', () => {
  it('names one server or several, with the usual port where there is none', () => {
    expect(parseBusAddress('nats://a')).toEqual({ hosts: ['a:4222'], tls: false, ...none });
    expect(parseBusAddress('nats://a:1, b,nats://[::1]:5')).toEqual({
      hosts: ['a:1', 'b:4222', '[::1]:5'],
      tls: false,
      ...none,
    });
  });

  it('asks for encryption', () => {
    expect(parseBusAddress('tls://a,b').tls).toBe(true);
  });

  it('carries user and password, or a token, for all servers', () => {
    expect(parseBusAddress('nats://u:p%2Fw@a,b')).toMatchObject({ user: 'u', password: 'p/w', token: undefined });
    expect(parseBusAddress('nats://t%40k@a')).toMatchObject({ user: undefined, password: undefined, token: 't@k' });
  });

  it('says which one is wrong', () => {
    expect(() => parseBusAddress('nats://a,http://b')).toThrow(/^Address 2 of the bus/);
    expect(() => parseBusAddress('')).toThrow(/^Address 1 of the bus/);
  });
});

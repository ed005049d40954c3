/** Notes on NATS: their order, their size, and what else may lie on the same servers. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '@nats-io/transport-node';
import { createId, encodeOne, type ConversationId, type DeviceId, type UserId } from '../../../protocol/index.ts';
import type { Note } from '../../../signaling-server/ports/bus.ts';
import { startNats, type NatsServer } from '../../support/nats-server.ts';
import { numbered, numberOf, openTestBus, userSubject, type TestBus } from '../../support/nats-bus.ts';

const patient = { timeout: 15_000, interval: 20 };

describe('notes on NATS', () => {
  let server: NatsServer;
  let near: TestBus;
  let far: TestBus;
  let subject: ReturnType<typeof userSubject>;
  let heard: Note[];
  beforeAll(async () => void (server = await startNats()));
  afterAll(() => server.stop());
  beforeEach(async () => {
    [near, far] = await Promise.all([openTestBus(server.url), openTestBus(server.url)]);
    subject = userSubject();
    heard = [];
    far.bus.subscribe(subject, (note) => heard.push(note));
    await vi.waitFor(async () => expect((await near.bus.subscribed([subject])).size).toBe(1), patient);
  });
  afterEach(() => Promise.all([near.bus.close(), far.bus.close()]));

  it('arrive in the order published, ten thousand of them', async () => {
    const numbers = Array.from({ length: 10_000 }, (_, index) => index);
    for (const number of numbers) near.bus.publish(subject, numbered(number));
    await vi.waitFor(() => expect(heard).toHaveLength(numbers.length), patient);
    expect(heard.map(numberOf)).toEqual(numbers);
  });

  it('do not cross from one relay to another on the same servers', async () => {
    const other = await openTestBus(server.url, { prefix: 'other' });
    const leaked = vi.fn();
    other.bus.subscribe(subject, leaked);
    expect(await other.bus.subscribed([userSubject()])).toEqual(new Set());
    near.bus.publish(subject, numbered(1));
    await vi.waitFor(() => expect(heard).toHaveLength(1), patient);
    await other.bus.ping();
    expect(leaked).not.toHaveBeenCalled();
    expect(await other.gauge('nodes')).toBe(1);
    await other.bus.close();
  });

  it('that are none do no harm, and are counted', async () => {
    const stranger = await connect({ servers: server.url });
    const name = subject.replace('user:', 'test.u.');
    const alive = { node: 'x', word: -1, losses: 'many', time: null, goodbye: 'no' };
    const garbage = [new Uint8Array([0xc1]), encodeOne({ type: 'replaced', at: 'soon' }), encodeOne({ type: 'newer' })];
    for (const bytes of [...garbage, encodeOne(null), encodeOne([1])]) stranger.publish(name, bytes);
    stranger.publish('test.alive', new Uint8Array([0xc1]));
    stranger.publish('test.alive', encodeOne(alive));
    stranger.publish('test.alive', new Uint8Array());
    await stranger.flush();
    near.bus.publish(subject, numbered(7));
    await vi.waitFor(() => expect(heard.map(numberOf)).toEqual([7]), patient);
    expect(await far.gauge('bus_notes_unreadable')).toBe(5);
    expect(far.bus.connected).toBe(true);
    await stranger.close();
  });

  it('are answered to no address but that of a node', async () => {
    const stranger = await connect({ servers: server.url });
    const name = subject.replace('user:', 'test.u.');
    await expect(stranger.request(name, new Uint8Array(), { timeout: 300 })).rejects.toThrow(/timeout/i);
    await stranger.close();
  });

  it('that are too large for the server become the number up to which there are messages', async () => {
    const ids = { id: createId(), user: createId<UserId>(), device: createId<DeviceId>() };
    const conversation = createId<ConversationId>();
    const payload = new Uint8Array(90_000);
    const messages = Array.from({ length: 15 }, (_, index) => {
      return { ...ids, seq: index + 1, kind: 'content', time: 1, payload };
    });
    near.bus.publish(subject, { type: 'messages', conversation, messages, except: ids.device } as Note);
    await vi.waitFor(() => expect(heard).toEqual([{ type: 'head', conversation, head: 15 }]), patient);
  });

  it('with long lists are cut in two until they fit', async () => {
    const conversation = createId<ConversationId>();
    const cursors = Array.from({ length: 30_000 }, (_, read) => ({ user: createId<UserId>(), delivered: read, read }));
    near.bus.publish(subject, { type: 'cursors', conversation, cursors });
    const listed = (): unknown[] => heard.flatMap((note) => (note.type === 'cursors' ? note.cursors : []));
    await vi.waitFor(() => expect(listed()).toHaveLength(cursors.length), patient);
    expect(listed()).toEqual(cursors);
  });
});

/** Notes as bytes and back. */
import { describe, expect, it } from 'vitest';
import { createId, encodeOne } from '../../../protocol/index.ts';
import { createNoteEncoder, decodeNote } from '../../../signaling-server/adapters/nats/note-codec.ts';
import type { Note } from '../../../signaling-server/ports/bus.ts';

const [conversation, user, device] = [createId(), createId(), createId()];
const payload = new Uint8Array([0, 255]);
const message = { seq: 1, id: createId(), user, device, kind: 'content', time: 5, payload };
const cursor = { user, delivered: 2, read: 1 };
const profile = { id: user, username: 'ann', displayName: 'Ann' };
const place = { id: conversation, kind: 'direct', epoch: 0, head: 1, createdAt: 1, activeAt: 2, cursors: [cursor] };

const notes = {
  messages: { type: 'messages', conversation, messages: [message], except: device },
  head: { type: 'head', conversation, head: 7 },
  cursors: { type: 'cursors', conversation, cursors: [cursor] },
  conversation: { type: 'conversation', conversation: place, profiles: [profile] },
  signal: { type: 'signal', conversation, user, device, payload },
  presence: { type: 'presence', presence: { user, online: true, lastActiveAt: null } },
  profile: { type: 'profile', profile },
  revoked: { type: 'revoked', devices: [device], erase: true },
  devices: { type: 'devices' },
  replaced: { type: 'replaced', at: 9 },
  stale: { type: 'stale', user },
} as unknown as { [T in Note['type']]: Extract<Note, { type: T }> };

describe('notes as bytes', () => {
  const encode = createNoteEncoder();

  it.each(Object.values(notes))('carry $type whole', (note) => {
    const [bytes, ...rest] = encode(note, 1_000);
    expect(rest).toEqual([]);
    const decoded = bytes && decodeNote(bytes);
    expect(plain(decoded)).toEqual(plain(note));
  });

  it('are made once for one note, and anew for another', () => {
    const pieces = encode(notes.head, 1_000);
    expect(encode(notes.head, 1_000)).toBe(pieces);
    expect(encode(notes.cursors, 1_000)).not.toBe(pieces);
  });

  it('are none of what cannot be cut', () => {
    expect(encode(notes.conversation, 100)).toEqual([]);
    expect(encode(notes.head, 10)).toEqual([]);
  });

  it('are refused when they are no note of this relay', () => {
    const wrong = [null, 1, 'devices', {}, { type: 'toString' }, { ...notes.head, head: -1 }, { type: 'messages' }];
    for (const value of wrong) expect(decodeNote(encodeOne(value))).toBeNull();
    expect(decodeNote(new Uint8Array([0xc1]))).toBeNull();
    expect(decodeNote(new Uint8Array())).toBeNull();
  });
});

/** Bytes as numbers, whatever class holds them. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, part) =>
      part?.type === 'Buffer' ? part.data : part instanceof Uint8Array ? [...part] : part,
    ),
  ) as unknown;
}

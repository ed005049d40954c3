/** The small parts of the SQLite store: ids, folded names, bounded memory, tails of the log. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createId, type MessageId } from '../../../protocol/index.ts';
import { idFromBytes, idToBytes } from '../../../signaling-server/adapters/sqlite/ids.ts';
import { LogTails } from '../../../signaling-server/adapters/sqlite/log-tails.ts';
import { foldName, nameWords } from '../../../signaling-server/adapters/name-words.ts';
import { Recent } from '../../../signaling-server/runtime/recent.ts';

describe('ids', () => {
  it('come back from their bytes as they were, and sort as their bytes do', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (a, b) => {
        expect(idFromBytes(idToBytes(a))).toBe(a);
        expect(Math.sign(idToBytes(a).compare(idToBytes(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});

describe('names', () => {
  it('are folded so that case and compatibility forms meet', () => {
    expect(foldName('STRASSE')).toBe(foldName('straße'));
    expect(foldName('STRAẞE')).toBe(foldName('straße'));
    expect(foldName('ΟΔΟΣ')).toBe(foldName('οδος'));
    expect(foldName('ﬁn Ａnna')).toBe('fin anna');
  });

  it('are found from each of their words on', () => {
    expect(nameWords('Anna-Marie  de Vries')).toEqual(['anna-marie de vries', 'marie de vries', 'de vries', 'vries']);
    expect(nameWords('🎉 Party')).toEqual(['🎉 party', 'party']);
    expect(nameWords('李小龍')).toEqual(['李小龍']);
  });
});

describe('what was used lately', () => {
  it('is kept, and what was not is forgotten', () => {
    const recent = new Recent<number, string>(10);
    recent.set(0, 'often');
    for (let key = 1; key < 100; key++) {
      recent.set(key, 'once');
      expect(recent.get(0)).toBe('often');
    }
    const kept = Array.from({ length: 100 }, (_, key) => recent.get(key)).filter((value) => value !== undefined);
    expect(kept.length).toBeLessThanOrEqual(20);
    expect(recent.get(99)).toBe('once');
    recent.delete(99);
    expect(recent.get(99)).toBeUndefined();
  });
});

describe('the tails of the log', () => {
  it('stay bounded however many conversations there are, and give up the oldest rows first', () => {
    const tails = new LogTails();
    const id = createId<MessageId>();
    for (let row = 1; row <= 100_000; row++) {
      tails.add(row, 1, id, row);
      for (let tail = tails.due(); tail; tail = tails.due()) {
        expect(tail.rows[0]).toBe(tails.indexedThrough + 1);
        tails.remove(tail);
      }
    }
    expect(100_000 - tails.indexedThrough).toBeLessThanOrEqual(65_536);
  });

  it('give up a conversation that has grown long, and an idle one that holds the others back', () => {
    const tails = new LogTails();
    const id = createId<MessageId>();
    tails.add(1, 1, id, 1);
    let row = 1;
    for (let seq = 1; seq <= 127; seq++) tails.add(2, seq, id, ++row);
    expect(tails.due()).toBeUndefined();
    tails.add(2, 128, id, row + 1);
    const full = tails.due();
    expect(full).toMatchObject({ conversation: 2, firstSeq: 1 });
    if (full) tails.remove(full);
    expect(tails.due()).toBeUndefined();
    expect(tails.indexedThrough).toBe(0);
    tails.add(3, 1, id, 70_000);
    expect(tails.due()).toMatchObject({ conversation: 1 });
  });
});

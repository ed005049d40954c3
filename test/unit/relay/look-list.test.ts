/** Of many connections only those are looked at whose time has come. */
import { describe, expect, it } from 'vitest';
import { LookList } from '../../../signaling-server/socket/look-list.ts';

interface Thing {
  place: number;
  readonly name: string;
}

function listOf(...names: string[]) {
  const list = new LookList<Thing>();
  const things = names.map((name) => ({ place: -1, name }));
  for (const thing of things) list.add(thing);
  return { list, things };
}

/** @returns who was looked at. */
function lookedAt(list: LookList<Thing>, now: number, next: (thing: Thing) => number): string[] {
  const names: string[] = [];
  list.round(now, (thing) => {
    names.push(thing.name);
    return next(thing);
  });
  return names;
}

describe('a list of looks', () => {
  it('looks at who is new, and then when the look before said', () => {
    const { list } = listOf('a', 'b');
    expect(lookedAt(list, 10, ({ name }) => (name === 'a' ? 20 : 30))).toEqual(['a', 'b']);
    expect(lookedAt(list, 19, () => 99)).toEqual([]);
    expect(lookedAt(list, 20, () => 99)).toEqual(['a']);
    expect(lookedAt(list, 98, () => 99)).toEqual(['b']);
  });

  it('looks at once at whom something happened to', () => {
    const { list, things } = listOf('a', 'b');
    lookedAt(list, 1, () => 1_000);
    if (things[1]) list.soon(things[1]);
    expect(lookedAt(list, 2, () => 1_000)).toEqual(['b']);
  });

  it('forgets who left, also during a look, and gives the place to the next', () => {
    const { list, things } = listOf('a', 'b', 'c');
    const names = lookedAt(list, 1, (thing) => {
      if (thing === things[1]) list.remove(thing);
      return 0;
    });
    expect(names).toEqual(['a', 'b', 'c']);
    expect([...list].map(({ name }) => name)).toEqual(['a', 'c']);
    list.add({ place: -1, name: 'd' });
    expect(list.size).toBe(3);
    expect(lookedAt(list, 2, () => 0)).toEqual(['a', 'd', 'c']);
  });

  it('holds thousands', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => String(index));
    const { list } = listOf(...names);
    expect(lookedAt(list, 1, ({ name }) => Number(name))).toEqual(names);
    expect(lookedAt(list, 9, () => Infinity)).toEqual(names.slice(0, 10));
  });
});

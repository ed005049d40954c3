/** Gives names that are safe on every system, each once, however many files were called the same. */
import { safeName } from '../../media/safe-name.ts';

/** Paths stay short enough for systems that take 260 characters of them. */
const mostCharacters = 120;

/** @returns a safe name that was not given before; the file systems of two of three systems take A for a. */
export function createUniqueNames(): (name: string) => string {
  const taken = new Map<string, number>();
  return (wanted) => {
    const name = shorten(safeName(wanted));
    for (;;) {
      const count = (taken.get(folded(name)) ?? 0) + 1;
      taken.set(folded(name), count);
      if (count === 1) return name;
      const numbered = withNumber(name, count);
      if (!taken.has(folded(numbered))) {
        taken.set(folded(numbered), 1);
        return numbered;
      }
    }
  };
}

const folded = (name: string) => name.normalize('NFC').toLowerCase();

function withNumber(name: string, count: number): string {
  const { stem, ending } = partsOf(name);
  return `${stem} (${count})${ending}`;
}

function shorten(name: string): string {
  const { stem, ending } = partsOf(name);
  const room = mostCharacters - ending.length;
  return stem.length <= room ? name : [...stem].slice(0, room).join('').trimEnd() + ending;
}

function partsOf(name: string): { stem: string; ending: string } {
  const dot = name.lastIndexOf('.');
  const isEnding = dot > 0 && name.length - dot <= 32;
  return isEnding ? { stem: name.slice(0, dot), ending: name.slice(dot) } : { stem: name, ending: '' };
}

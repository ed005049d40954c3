/** Brings text into the form in which it is compared: without case and diacritics, with a map back to the original. */
export interface Folded {
  readonly text: string;
  /** For each UTF-16 unit of `text`, where its character begins in the original; one entry more for the end. */
  readonly origins: readonly number[];
}

export function fold(original: string): Folded {
  let text = '';
  const origins: number[] = [];
  let at = 0;
  for (const character of original) {
    const folded = character.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    origins.push(...Array.from(folded).flatMap((unit) => Array<number>(unit.length).fill(at)));
    text += folded;
    at += character.length;
  }
  origins.push(at);
  return { text, origins };
}

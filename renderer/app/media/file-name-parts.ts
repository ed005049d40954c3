/** A long file name is cut in its middle, so that its end and with it the kind of file stay readable. Pure. */

/** So much of the end is never cut: the extension and a few characters before it. */
const before = 5;
const longestExtension = 12;
/** A word of a script that runs from right to left must not be cut in two: its halves would change places. */
const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/u;

export interface FileNameParts {
  /** Cut where there is no room for all of it. */
  readonly start: string;
  /** Always whole. */
  readonly end: string;
}

export function fileNameParts(name: string): FileNameParts {
  const characters = [...name];
  const dot = characters.lastIndexOf('.');
  const extension = dot > 0 && characters.length - dot <= longestExtension ? characters.length - dot : 0;
  const kept = extension + (rightToLeft.test(name) ? 0 : before);
  if (kept === 0 || characters.length <= kept * 2) return { start: name, end: '' };
  return { start: characters.slice(0, -kept).join(''), end: characters.slice(-kept).join('') };
}

/** "PDF", "TAR.GZ"; empty for a name without an extension. */
export function extensionWords(name: string): string {
  const found = /\.((?:tar\.)?[\p{L}\p{N}]{1,8})$/u.exec(name)?.[1];
  return found?.toUpperCase() ?? '';
}

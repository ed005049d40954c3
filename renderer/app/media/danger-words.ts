/** What a file that can change this computer is, in a person's words. Pure. */

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^(exe|com|scr|pif|cpl|app|bin|run|appimage|elf|jar|apk|dll|so|dylib)$/, 'a program'],
  [/^(msi|msix|appx|deb|rpm|dmg|pkg|flatpakref|snap)$/, 'an installer'],
  [/^(bat|cmd|ps1|vbs|vbe|js|mjs|jse|wsf|wsh|sh|bash|zsh|command|py|rb|pl|php|scpt|applescript|hta|reg)$/, 'a script'],
  [/^(html?|xhtml|mht|mhtml|svg|svgz|xml|url|webloc)$/, 'a web page or drawing that can run programs'],
  [/^(docm|dotm|xlsm|xltm|xlam|pptm|potm|ppsm)$/, 'a document that can run programs'],
  [/^(lnk|desktop|scf|inf|library-ms)$/, 'a shortcut that can start a program'],
  [/^(iso|img|vhd|vhdx)$/, 'an image of a disk'],
];

/** "a program", "a script"; said of a file that the engine calls dangerous. */
export function dangerWords(name: string): string {
  const extension = /\.([^.]+)$/.exec(name.toLowerCase())?.[1] ?? '';
  return kinds.find(([pattern]) => pattern.test(extension))?.[1] ?? 'a file that can run programs';
}

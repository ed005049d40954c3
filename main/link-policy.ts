/** Which links may leave Parley for the system's programs. */

const webSchemes: readonly string[] = ['https:', 'http:'];

/** @returns the link in one form, or null for anything but https, http (with a host and no password) and mailto. */
export function allowedLink(link: string): string | null {
  const url = URL.canParse(link) ? new URL(link) : null;
  if (!url) return null;
  const isWeb = webSchemes.includes(url.protocol) && url.hostname !== '' && url.username === '' && url.password === '';
  return isWeb || url.protocol === 'mailto:' ? url.href : null;
}

/** Tells from the first bytes of a picture whether it moves; one that moves is always sent as it is. */

/** So many bytes from its start tell enough. */
export const animationProbeBytes = 64 * 1024;

/** @param head the first bytes of the file */
export function isAnimated(head: Uint8Array): boolean {
  return isGif(head) || isAnimatedWebp(head) || isAnimatedPng(head) || ascii(head, 4, 12) === 'ftypavis';
}

/** A GIF with a single picture is rare, and small: all count as moving. */
function isGif(head: Uint8Array): boolean {
  return ascii(head, 0, 4) === 'GIF8';
}

/** The extended header has a flag for it (WebP container specification, "Extended File Format"). */
function isAnimatedWebp(head: Uint8Array): boolean {
  return ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 16) === 'WEBPVP8X' && ((head[20] ?? 0) & 0x02) !== 0;
}

/** An animated PNG says so in an `acTL` chunk before its first `IDAT` (PNG, third edition, 11.3.6). */
function isAnimatedPng(head: Uint8Array): boolean {
  if (ascii(head, 1, 4) !== 'PNG') return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (let at = 8; at + 8 <= head.length; at += 12 + view.getUint32(at)) {
    const chunk = ascii(head, at + 4, at + 8);
    if (chunk === 'acTL') return true;
    if (chunk === 'IDAT') return false;
  }
  return false;
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

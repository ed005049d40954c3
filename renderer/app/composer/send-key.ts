/** Which keys send what was written, by the person's setting. */

/** Not while a word is being composed, as in Japanese. */
export function isSendKey(event: KeyboardEvent, enterSends: boolean): boolean {
  if (isComposing(event) || event.key !== 'Enter' || event.altKey) return false;
  return enterSends ? !event.shiftKey : event.ctrlKey || event.metaKey;
}

export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

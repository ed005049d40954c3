/** What a segment may be called, wherever it is kept. */

/** @throws Error for a name that could mean a place elsewhere. */
export function assertSegmentName(name: string): void {
  if (!/^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/.test(name)) throw new Error(`"${name}" is no name of a segment`);
}

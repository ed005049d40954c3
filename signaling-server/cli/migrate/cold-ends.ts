/** Where the log of a conversation begins whose older messages lie in cold segments, on one side. */
import type { Source } from './sides.ts';

export interface ColdEnds {
  /**
   * The chain just before the first message that is left in the log; null when nothing left it. In the middle of a
   * segment the link is that before the segment: both sides have the same, so what follows can be compared.
   */
  startOf(conversation: string, firstSeq: number): { seq: number; link: Uint8Array } | null;
  /** The chain's link after a message that is the last of a segment; null for every other one. */
  linkAfter(conversation: string, seq: number): Uint8Array | null;
}

interface End {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly link: Uint8Array;
}

export async function readColdEnds(side: Source): Promise<ColdEnds> {
  const segments = new Map<string, End[]>();
  for (let page = await side.page('segments', null); page; page = await side.page('segments', page.position)) {
    for (const { conversation, firstSeq, lastSeq, link } of page.rows)
      segments.set(conversation, [...(segments.get(conversation) ?? []), { firstSeq, lastSeq, link }]);
  }
  return {
    startOf(conversation, seq) {
      if (seq === 1) return null;
      const known = segments.get(conversation) ?? [];
      const isCovered = known.some(({ firstSeq, lastSeq }) => firstSeq <= seq - 1 && seq - 1 <= lastSeq);
      const before = known.findLast(({ lastSeq }) => lastSeq <= seq - 1);
      if (!isCovered) return null;
      return { seq: seq - 1, link: before?.link ?? new Uint8Array(32) };
    },
    linkAfter: (conversation, seq) => segments.get(conversation)?.find(({ lastSeq }) => lastSeq === seq)?.link ?? null,
  };
}

/** Opens segments: fetched and checked once, then kept for a while in bounded memory. */
import { hash } from 'node:crypto';
import { ParleyError } from '../../../protocol/index.ts';
import type { ColdSegment, SegmentStorage } from '../../ports/cold.ts';
import type { Log } from '../../ports/log.ts';
import { OpenSegment } from './segment-content.ts';
import type { SegmentSealer } from './segment-sealer.ts';

export interface SegmentReader {
  /** @throws ParleyError `unavailable`, also for one that is damaged. */
  open(segment: ColdSegment): Promise<OpenSegment>;
  /** Fetches it anew and proves all of it. @throws as `open`. */
  prove(segment: ColdSegment): Promise<void>;
}

export interface SegmentReaderDeps {
  readonly segments: SegmentStorage;
  readonly sealer: SegmentSealer;
  readonly log: Log;
  /** Bytes of segments that are kept in memory. */
  readonly cacheBytes: number;
}

export function createSegmentReader({ segments, sealer, log, cacheBytes }: SegmentReaderDeps): SegmentReader {
  /** The least recently used first. */
  const kept = new Map<string, { readonly open: OpenSegment; readonly bytes: number }>();
  const coming = new Map<string, Promise<OpenSegment>>();
  let keptBytes = 0;

  function forget(name: string): void {
    keptBytes -= kept.get(name)?.bytes ?? 0;
    kept.delete(name);
  }

  function remember(name: string, open: OpenSegment, bytes: number): void {
    forget(name);
    kept.set(name, { open, bytes });
    keptBytes += bytes;
    for (const [oldest] of kept) {
      if (keptBytes <= cacheBytes) return;
      forget(oldest);
    }
  }

  function failed({ object }: ColdSegment, error: unknown): ParleyError {
    log.error('cold.segment_unreadable', { object, error });
    return unreadable(error);
  }

  async function fetchOne(segment: ColdSegment): Promise<OpenSegment> {
    const sealed = await segments.get(segment.object);
    try {
      const open = openSegment(segment, sealed, sealer);
      remember(segment.object, open, segment.bytes);
      return open;
    } catch (error) {
      throw failed(segment, error);
    }
  }

  return {
    async open(segment) {
      const { object, bytes } = segment;
      const known = kept.get(object);
      if (known) {
        remember(object, known.open, bytes);
        return known.open;
      }
      const fetching = coming.get(object) ?? fetchOne(segment).finally(() => coming.delete(object));
      coming.set(object, fetching);
      return fetching;
    },
    async prove(segment) {
      forget(segment.object);
      const open = await fetchOne(segment);
      await open.prove().catch((error: unknown) => {
        throw failed(segment, error);
      });
    },
  };
}

function openSegment(segment: ColdSegment, sealed: Uint8Array | null, sealer: SegmentSealer): OpenSegment {
  if (sealed === null) throw new Error('it is not there');
  if (!hash('sha256', sealed, 'buffer').equals(segment.hash)) throw new Error('it is not what was put there');
  const open = new OpenSegment(sealer.open(segment.object, sealed));
  const fits =
    open.conversation === segment.conversation &&
    open.firstSeq === segment.firstSeq &&
    open.lastSeq === segment.lastSeq &&
    Buffer.from(segment.link).equals(open.link);
  if (!fits) throw new Error('it holds other messages than the database says');
  return open;
}

function unreadable(cause: unknown): ParleyError {
  const message =
    'The relay cannot read this part of the history at the moment. Its admin finds the reason in its log.';
  return new ParleyError('unavailable', { message, cause, retryAfterMs: 60_000 });
}

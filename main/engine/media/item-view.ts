/** Shows a file of a message: what its sender told of it, what is here of it, and how it travels. */
import type { MediaItemView, TransferView } from '../../../bridge/media-views.ts';
import type { BlobId, MediaFacts } from '../../../protocol/index.ts';
import { isDangerous } from './dangerous.ts';

/** What is known of a file, made presentable. */
export interface KnownItem extends MediaFacts {
  readonly item: number;
  readonly bytes: number;
  /** Null for one that is not sealed yet. */
  readonly blob: BlobId | null;
  /** Whether the whole file is on this computer. */
  readonly held: boolean;
}

export function mediaItemView(known: KnownItem, transfer: TransferView | null): MediaItemView {
  const { item, kind, name, type, bytes, width, height, durationMs, thumbnail, waveform, held } = known;
  return {
    item,
    kind,
    name,
    type,
    bytes,
    width: width ?? null,
    height: height ?? null,
    durationMs: durationMs ?? null,
    thumbnail: thumbnail ? thumbnailUrl(thumbnail) : null,
    waveform: waveform ? Array.from(waveform, (point) => point / 255) : null,
    dangerous: isDangerous(name, type),
    held,
    transfer,
  };
}

/** @returns null for bytes that are neither JPEG nor WebP, whatever their sender says. */
function thumbnailUrl(bytes: Uint8Array): string | null {
  const type = pictureType(bytes);
  return type && `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
}

/** By the first bytes: JPEG begins with its start marker and another marker, WebP is a RIFF file of that form. */
function pictureType(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  return head.startsWith('RIFF') && head.slice(8) === 'WEBP' ? 'image/webp' : null;
}

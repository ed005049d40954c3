/** Makes what the engine wants to hear of a file: its facts, and where its bytes are. */
import type { InputOf } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { Bridge } from '../../../bridge/page-client.ts';
import { limits, ParleyError } from '../../../bridge/text-rules.ts';
import type { Outgoing } from './attachment.svelte.ts';
import { mediaName, mediaType } from './file-kind.ts';
import type { Reading } from './reading.ts';
import { stageBytes } from './stage-bytes.ts';

export type ItemToSend = InputOf<EngineContract, 'media.send'>['items'][number];
type Source = ItemToSend['source'];

/** Half a second to a few hours; more than the contract takes is a broken file's claim. */
const longestMs = 1_000_000_000;

export function itemToSend(
  { name, blob, width, height }: Outgoing,
  { kind, durationMs, waveform }: Reading,
  thumbnail: Uint8Array | null,
  source: Source,
): ItemToSend {
  return {
    kind,
    name: mediaName(name, limits.fileNameCharacters),
    type: mediaType(blob.type),
    ...(width === null || height === null ? {} : { width, height }),
    ...(durationMs === null || durationMs > longestMs ? {} : { durationMs }),
    ...(thumbnail === null ? {} : { thumbnail }),
    ...(waveform === null ? {} : { waveform }),
    source,
  };
}

interface SourceParts {
  readonly engine: Pick<Bridge['engine'], 'invoke'>;
  readonly grantFile: Bridge['grantFile'];
  /** Hears of each piece that had to be handed over. */
  readonly onBytes: (bytes: number) => void;
}

/** A file with a place on this computer is named to the engine; whatever the page made is handed over. */
export async function sourceOf({ blob, name }: Outgoing, { engine, grantFile, onBytes }: SourceParts): Promise<Source> {
  try {
    const granted = blob instanceof File ? await grantFile(blob) : null;
    if (granted) return { from: 'grant', grant: granted.grant };
    return { from: 'stage', stage: await stageBytes(engine, blob, onBytes) };
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    const message = `“${name}” can’t be read any more. Remove it here, or choose it again.`;
    throw new ParleyError('file_unreadable', { message, cause: error });
  }
}

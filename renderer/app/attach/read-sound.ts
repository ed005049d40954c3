/** Finds out what a sound file is: its length, and its waveform where unpacking it is cheap. */
import { limits } from '../../../bridge/text-rules.ts';
import { durationMsOf, withMedia } from './media-element.ts';
import { isOnlyFile, type Reading } from './reading.ts';
import { waveformOf } from './waveform.ts';

/** Unpacked sound takes some 20 MB a minute, all of it at once. */
const mostPackedBytes = 16 * 1024 * 1024;
const mostMs = 5 * 60_000;
/** Enough to see loudness by; the lowest that every system offers. */
const sampleRate = 8_000;

/** @throws when it can't be played here. */
export async function readSound(file: File): Promise<Reading> {
  const durationMs = await withMedia(document.createElement('audio'), file, durationMsOf);
  const small = file.size <= mostPackedBytes && durationMs !== null && durationMs <= mostMs;
  const waveform = small ? await readWaveform(file).catch(() => null) : null;
  return { ...isOnlyFile, kind: 'audio', durationMs, waveform };
}

async function readWaveform(file: File): Promise<Uint8Array<ArrayBuffer>> {
  const context = new OfflineAudioContext({ numberOfChannels: 1, length: 1, sampleRate });
  const sound = await context.decodeAudioData(await file.arrayBuffer());
  return waveformOf(sound.getChannelData(0), limits.waveformPoints);
}

/** One take of a recording: sound becomes bytes in memory, and its loudness can be looked at any time. */
import { ParleyError } from '../../../bridge/text-rules.ts';

/** MP4 can be joined and indexed afterwards; see join-takes.ts. */
const recordingType = 'audio/mp4;codecs=opus';
/** Speech in Opus is clear at this; an hour takes 14 MB. */
const bitsPerSecond = 32_000;
const fragmentMs = 5_000;

export interface Take {
  /** Loudness right now, 0 to 1. */
  level(): number;
  /** Lets the microphone go. @returns all bytes, however often it is called. */
  finish(): Promise<Uint8Array>;
}

/**
 * Starts at once.
 * @param onEnd the microphone went away by itself
 * @throws ParleyError `unavailable` when this system can't record.
 */
export function startTake(stream: MediaStream, onEnd: () => void): Take {
  const parts: Blob[] = [];
  const recorder = makeRecorder(stream);
  const meter = makeMeter(stream);
  const stopped = new Promise<void>((resolve) => recorder.addEventListener('stop', () => resolve(), { once: true }));
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  for (const track of stream.getAudioTracks()) track.addEventListener('ended', onEnd);
  recorder.start(fragmentMs);
  return {
    level: meter.level,
    async finish() {
      if (recorder.state !== 'inactive') recorder.stop();
      letGo(stream);
      meter.close();
      await stopped;
      return new Uint8Array(await new Blob(parts).arrayBuffer());
    },
  };
}

function letGo(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function makeRecorder(stream: MediaStream): MediaRecorder {
  try {
    return new MediaRecorder(stream, { mimeType: recordingType, audioBitsPerSecond: bitsPerSecond });
  } catch (error) {
    letGo(stream);
    throw new ParleyError('unavailable', { message: 'This computer can’t record sound in Parley.', cause: error });
  }
}

interface Meter {
  level(): number;
  close(): void;
}

function makeMeter(stream: MediaStream): Meter {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1_024 });
  const samples = new Float32Array(analyser.fftSize);
  context.createMediaStreamSource(stream).connect(analyser);
  void context.resume();
  return {
    level() {
      analyser.getFloatTimeDomainData(samples);
      const square = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      return loudness(Math.sqrt(square));
    },
    close() {
      if (context.state !== 'closed') void context.close();
    },
  };
}

/** Speech lies between some -50 and -6 dB: as it is heard, that is the range from silent to full. */
export function loudness(rootMeanSquare: number): number {
  if (rootMeanSquare <= 0) return 0;
  const decibels = 20 * Math.log10(rootMeanSquare);
  return Math.max(0, Math.min(1, (decibels + 50) / 44));
}

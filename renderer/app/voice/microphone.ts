/** Opens the microphone, or says in words what keeps it closed and what to do. */
import { ParleyError } from '../../../bridge/text-rules.ts';
import type { Bridge } from '../../../bridge/page-client.ts';

const wanted: MediaTrackConstraints = {
  channelCount: 1,
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

const refused = 'Parley may not use the microphone. Allow it in the privacy settings of this computer, then try again.';
const words: Readonly<Record<string, string>> = {
  NotAllowedError: refused,
  SecurityError: refused,
  NotFoundError: 'No microphone was found. Connect one, then try again.',
  NotReadableError: 'The microphone gives no sound: another program may hold it. Close that one, then try again.',
  AbortError: 'The microphone stopped. Try again, or connect it anew.',
};

/** @throws ParleyError with words that fit the cause. */
export async function openMicrophone(shell: Pick<Bridge['shell'], 'invoke'>): Promise<MediaStream> {
  const { granted } = await shell.invoke('microphone.ask');
  if (!granted) throw new ParleyError('forbidden', { message: refused });
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: wanted });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    const message = words[name] ?? 'The microphone can’t be opened. Connect it anew, then try again.';
    throw new ParleyError('unavailable', { message, cause: error });
  }
}

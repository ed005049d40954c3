/** Sends a recording as a message of its own. */
import type { Bridge } from '../../../bridge/page-client.ts';
import type { MessageView } from '../../../bridge/views.ts';
import { stageBytes } from '../attach/stage-bytes.ts';
import type { ConversationId, MessageId } from '../ids.ts';
import type { Heard } from './voice-note.svelte.ts';
import { voiceName } from './voice-words.ts';

export const voiceType = 'audio/mp4';

interface VoiceMessage {
  readonly conversation: ConversationId;
  readonly replyTo: MessageId | null;
  readonly heard: Heard;
  /** For its name. */
  readonly time: number;
}

/** @throws ParleyError when it is not in the outbox; what was handed over for it is taken back. */
export async function sendVoice(
  engine: Pick<Bridge['engine'], 'invoke'>,
  { conversation, replyTo, heard: { blob, durationMs, waveform }, time }: VoiceMessage,
): Promise<MessageView> {
  const stage = await stageBytes(engine, blob);
  const facts = { kind: 'voice' as const, name: voiceName(time), type: voiceType, durationMs, waveform };
  const items = [{ ...facts, source: { from: 'stage' as const, stage } }];
  try {
    const reply = replyTo === null ? {} : { replyTo };
    return await engine.invoke('media.send', { conversation, items, text: '', ...reply });
  } catch (error) {
    engine.invoke('media.unstage', { stages: [stage] }).catch(() => undefined);
    throw error;
  }
}

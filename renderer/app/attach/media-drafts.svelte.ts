/** What of files and voice is being made in each conversation, kept while the person looks at another one. */
import type { Bridge } from '../../../bridge/page-client.ts';
import type { Composer } from '../composer/composer.svelte.ts';
import type { ConversationId } from '../ids.ts';
import { openMicrophone } from '../voice/microphone.ts';
import { startTake } from '../voice/recording.ts';
import { VoiceNote } from '../voice/voice-note.svelte.ts';
import { Attachments, type FileWork } from './attachments.svelte.ts';
import { PictureChoice } from './picture-choice.svelte.ts';
import { readFile } from './read-file.ts';
import { makeStandard } from './read-picture.ts';
import { makeThumbnail } from './thumbnail.ts';

export interface MediaDraft {
  readonly attachments: Attachments;
  readonly voice: VoiceNote;
}

const work: FileWork = { read: readFile, makeStandard, makeThumbnail };

export class MediaDrafts {
  readonly #bridge: Bridge;
  readonly #choice = new PictureChoice();
  readonly #drafts = new Map<ConversationId, MediaDraft>();

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  of(composer: Composer): MediaDraft {
    const known = this.#drafts.get(composer.conversation);
    if (known?.attachments.composer === composer) return known;
    const draft = this.#make(composer);
    this.#drafts.set(composer.conversation, draft);
    return draft;
  }

  #make(composer: Composer): MediaDraft {
    const { engine, shell } = this.#bridge;
    const record = async (onEnd: () => void) => startTake(await openMicrophone(shell), onEnd);
    return {
      attachments: new Attachments({ bridge: this.#bridge, composer, choice: this.#choice, work }),
      voice: new VoiceNote({ engine, composer, record, now: Date.now }),
    };
  }

  /** Somebody else may be logged in next: forgets everything. */
  reset(): void {
    for (const { attachments, voice } of this.#drafts.values()) {
      attachments.clear();
      voice.drop();
    }
    this.#drafts.clear();
  }
}

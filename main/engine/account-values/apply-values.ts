/** Writes what a value of the account comes to into the tables that the screens' views are read from. */
import type { z } from 'zod';
import { accountValueSchemas, type ConversationId } from '../../../protocol/index.ts';
import type { MediaSettingsKeeper } from '../media/settings.ts';
import type { Store } from '../storage/store.ts';
import { parseValueName } from './value-names.ts';

/** What is different now: a conversation's row, or the settings for files. */
export type Applied = ConversationId | 'media-settings' | null;

interface ApplierDeps {
  readonly store: Pick<Store, 'accountValues' | 'marks' | 'drafts'>;
  readonly settings: MediaSettingsKeeper;
  /** Relay time. */
  readonly now: () => number;
}

/** Works on the value that stands now, whoever set it. Called within a transaction. */
export type ApplyValue = (name: string) => Applied;

export function createApplyValue({ store, settings, now }: ApplierDeps): ApplyValue {
  const { accountValues, marks, drafts } = store;

  function applyMediaPath(json: string | null): Applied {
    const value = readValue(accountValueSchemas['media-path'], json);
    if (!value || value.path === settings.get().path) return null;
    settings.set({ path: value.path });
    return 'media-settings';
  }

  function applyMute(conversation: ConversationId, json: string | null): boolean {
    const mute = readValue(accountValueSchemas.mute, json);
    const isOver = typeof mute?.until === 'number' && mute.until <= now();
    return marks.setMute(conversation, isOver ? null : mute);
  }

  function applyTo(kind: 'draft' | 'pin' | 'mute', conversation: ConversationId, json: string | null): boolean {
    switch (kind) {
      case 'draft':
        return drafts.follow(conversation, readValue(accountValueSchemas.draft, json)?.text ?? null);
      case 'pin':
        return marks.setPin(conversation, readValue(accountValueSchemas.pin, json)?.at ?? null);
      case 'mute':
        return applyMute(conversation, json);
    }
  }

  return (name) => {
    const named = parseValueName(name);
    if (!named) return null;
    const json = accountValues.get(name);
    if (named.kind === 'media-path') return applyMediaPath(json);
    return applyTo(named.kind, named.conversation, json) ? named.conversation : null;
  };
}

/** What does not fit, such as a value of a newer version, counts as none. */
function readValue<T>(schema: z.ZodType<T>, json: string | null): T | null {
  if (json === null) return null;
  try {
    return schema.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}

/** Takes what devices sign off, tells it at once to who asks, and gives it to the store in batches. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClientFrame, ConversationId, DeviceId, FrameOf } from '../../protocol/index.ts';
import type { Attestation } from '../ports/store.ts';
import { OutageLog } from './outage-log.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';

/** Rows of one commit: about 2 ms. */
const rowsACommit = 500;
/** Conversations that are looked up at once for one frame. */
const lookUpsAtOnce = 8;
/** Words that wait for the store, while it takes none; what comes beyond is left out, for devices say it again. */
const maxWaiting = 50_000;

type Words = Map<DeviceId, Attestation>;

export class Attestations {
  readonly #parts: Pick<RelayParts, 'store' | 'clock' | 'uptime' | 'log'>;
  readonly #waiting = new Map<ConversationId, Words>();
  readonly #outage: OutageLog;
  #count = 0;
  #flushing: Promise<void> | null = null;

  constructor(parts: Pick<RelayParts, 'store' | 'clock' | 'uptime' | 'log'>) {
    this.#parts = parts;
    this.#outage = new OutageLog(parts, 'attestations.not_stored');
  }

  /** Words that the store does not have yet. */
  get waiting(): number {
    return this.#count;
  }

  /**
   * Keeps a device's words on its user's conversations; what is beyond the log, or of strangers, is passed over, and so is
   * all when the store is away: devices say it again. Never rejects.
   */
  async take(session: OpenSession, { heads }: FrameOf<ClientFrame, 'attest'>): Promise<void> {
    const { clock } = this.#parts;
    const at = clock();
    const words = heads.values();
    const worker = async (): Promise<void> => {
      for (const word of words) await this.#takeOne(session, word, at);
    };
    const workers = Array.from({ length: Math.min(lookUpsAtOnce, heads.length) }, worker);
    await Promise.all(workers).catch((error: unknown) => this.#outage.note(error));
  }

  async #takeOne(
    { user, device }: OpenSession,
    { conversation, seq, link }: FrameOf<ClientFrame, 'attest'>['heads'][number],
    at: number,
  ): Promise<void> {
    const known = await this.#parts.store.conversations.get(conversation, user, seq);
    // A copy: the frame's bytes are those of the whole WebSocket message.
    if (known && seq <= known.head) this.#note({ conversation, user, device, seq, link: link.slice(), at });
  }

  #note(word: Attestation): void {
    const words = this.#waiting.get(word.conversation) ?? new Map<DeviceId, Attestation>();
    if (!words.has(word.device)) {
      if (this.#count >= maxWaiting) return;
      this.#count++;
    }
    words.set(word.device, word);
    this.#waiting.set(word.conversation, words);
  }

  /** The last word of each device whose session stands, what the store does not have yet included. */
  async of(conversation: ConversationId): Promise<Attestation[]> {
    const { chains, devices } = this.#parts.store;
    const words = new Map((await chains.attestations(conversation)).map((word) => [word.device, word]));
    for (const word of this.#waiting.get(conversation)?.values() ?? []) {
      if (await devices.byId(word.device)) words.set(word.device, word);
    }
    return [...words.values()].sort((a, b) => compare(a.user, b.user) || compare(a.device, b.device));
  }

  /** Never rejects: what could not be stored is tried again with the next flush. */
  async flush(): Promise<void> {
    await (this.#flushing ??= this.#storeAll().finally(() => {
      this.#flushing = null;
    }));
  }

  async #storeAll(): Promise<void> {
    const words = [...this.#waiting.values()].flatMap((each) => [...each.values()]);
    for (let at = 0; at < words.length; at += rowsACommit) {
      if (at > 0) await nextTurn();
      const group = words.slice(at, at + rowsACommit);
      try {
        await this.#parts.store.chains.attest(group);
      } catch (error) {
        return this.#outage.note(error, { attestations: words.length - at });
      }
      for (const word of group) this.#forget(word);
    }
  }

  /** Unless the device has said something newer in the meantime. */
  #forget(word: Attestation): void {
    const words = this.#waiting.get(word.conversation);
    if (words?.get(word.device) !== word) return;
    words.delete(word.device);
    this.#count--;
    if (words.size === 0) this.#waiting.delete(word.conversation);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

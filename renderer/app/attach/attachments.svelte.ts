/** The files that a person is about to send into one conversation: chosen, looked at, ordered, sent. */
import type { SendLimits } from '../../../bridge/media-views.ts';
import { limits } from '../../../bridge/text-rules.ts';
import type { MessageView } from '../../../bridge/views.ts';
import type { Composer } from '../composer/composer.svelte.ts';
import { messageText } from '../composer/message-text.ts';
import { faultOf } from '../faults.ts';
import { Attachment } from './attachment.svelte.ts';
import { folderWords, type Taken } from './dropped-files.ts';
import { judgeSize, type Judgement } from './limit-words.ts';
import type { PictureChoice } from './picture-choice.svelte.ts';
import type { StandardPicture } from './read-picture.ts';
import type { Reading } from './reading.ts';
import { sendFiles, type SendBridge } from './send-files.ts';
import { intoMessages, moved } from './send-plan.ts';

/** The work on files that needs a page: given, so that tests can do without. */
export interface FileWork {
  readonly read: (file: File) => Promise<Reading>;
  readonly makeStandard: (file: File) => Promise<StandardPicture>;
  readonly makeThumbnail: (preview: Blob, mostBytes: number) => Promise<Uint8Array | null>;
}

export interface AttachmentParts {
  readonly bridge: SendBridge;
  readonly composer: Composer;
  readonly choice: PictureChoice;
  readonly work: FileWork;
}

/** More at once are hardly meant, and would fill the page's memory with previews. */
export const mostAttachments = 100;

export class Attachments {
  readonly #parts: AttachmentParts;
  #items = $state.raw<readonly Attachment[]>([]);
  #limits = $state.raw<SendLimits | null>(null);
  #sending = $state.raw(false);
  #stagedBytes = $state.raw(0);
  #fault = $state.raw<string | null>(null);
  #remark = $state.raw<string | null>(null);
  /** One file at a time is looked at: unpacked pictures are large. */
  #work: Promise<void> = Promise.resolve();

  constructor(parts: AttachmentParts) {
    this.#parts = parts;
  }

  get items(): readonly Attachment[] {
    return this.#items;
  }
  get composer(): Composer {
    return this.#parts.composer;
  }
  get choice(): PictureChoice {
    return this.#parts.choice;
  }
  get sending(): boolean {
    return this.#sending;
  }
  /** Bytes that had to be copied for the message on its way. */
  get stagedBytes(): number {
    return this.#stagedBytes;
  }
  /** Why the last try to send did not work. */
  get fault(): string | null {
    return this.#fault;
  }
  /** What was left out of the last choice, and why. */
  get remark(): string | null {
    return this.#remark;
  }
  /** Closing would lose work: an order, or what is nowhere but here. */
  get hasWork(): boolean {
    return this.#items.length > 1 || this.#items.some(({ pasted }) => pasted);
  }

  /** @returns words to show elsewhere when nothing of it can be sent. */
  add({ files, folders }: Taken, pasted = false): string | null {
    const room = mostAttachments - this.#items.length;
    const taken = files.slice(0, room).map((file) => new Attachment(file, pasted));
    const tooMany = files.length > room ? `At most ${mostAttachments} files at once; the others were left out.` : null;
    const remark = [folderWords(folders), tooMany].filter((words) => words !== null).join(' ') || null;
    if (taken.length === 0 && this.#items.length === 0) return remark;
    this.#remark = remark;
    this.#items = [...this.#items, ...taken];
    this.#prepare();
    void this.refreshLimits();
    return null;
  }

  remove(item: Attachment): void {
    this.#items = this.#items.filter((one) => one !== item);
    this.#fault = null;
    item.release();
  }

  /** @param to places outside the list are its ends. */
  move(item: Attachment, to: number): void {
    this.#items = moved(this.#items, this.#items.indexOf(item), to);
  }

  clear(): void {
    for (const item of this.#items) item.release();
    this.#items = [];
    this.#remark = null;
    this.#fault = null;
  }

  /** What limits hold may have changed: somebody came online, the relay is back. */
  async refreshLimits(): Promise<void> {
    const { bridge, composer } = this.#parts;
    try {
      this.#limits = await bridge.engine.invoke('media.limits', { conversation: composer.conversation });
    } catch {
      // The engine judges again when it is given the files.
      this.#limits = null;
    }
  }

  /** Judges what would go out; while that is being made nothing is said. */
  judge(item: Attachment, to: string): Judgement {
    const outgoing = item.outgoing(this.choice.form);
    return outgoing ? judgeSize(outgoing.blob.size, this.#limits, to) : { sendable: true, words: null };
  }

  canSend(to: string): boolean {
    const { sending, composer } = this;
    if (sending || composer.tooLong || this.#items.length === 0) return false;
    return this.#items.every((item) => this.judge(item, to).sendable);
  }

  /** The person chose another form of pictures. */
  choose(form: PictureChoice['form']): void {
    this.choice.form = form;
    this.#prepare();
  }

  /**
   * Sends all, in as many messages as it takes. What went out is gone from here; after a fault the rest is still here.
   * @returns the messages that went into the outbox.
   */
  async send(to: string): Promise<readonly MessageView[]> {
    if (!this.canSend(to)) return [];
    const sent: MessageView[] = [];
    this.#sending = true;
    this.#fault = null;
    this.#stagedBytes = 0;
    try {
      await Promise.all([this.#prepare(), this.refreshLimits()]);
      if (!this.#items.every((item) => this.judge(item, to).sendable)) return [];
      for (const items of intoMessages(this.#items, limits.mediaItems)) sent.push(await this.#sendMessage(items));
    } catch (error) {
      this.#fault = faultOf(error).message;
    } finally {
      this.#sending = false;
    }
    return sent;
  }

  async #sendMessage(items: readonly Attachment[]): Promise<MessageView> {
    const { bridge, composer, work } = this.#parts;
    const { conversation, reply } = composer;
    const onBytes = (bytes: number): void => void (this.#stagedBytes += bytes);
    const message = { conversation, replyTo: reply?.id ?? null, text: messageText(composer.text) };
    const files = items.flatMap((item) => item.ready(this.choice.form) ?? []);
    if (files.length < items.length) throw new Error('A file was not looked at before sending.');
    const sent = await sendFiles({ bridge, onBytes, makeThumbnail: work.makeThumbnail }, { ...message, files });
    composer.wentOut();
    this.#items = this.#items.filter((one) => !items.includes(one));
    for (const item of items) item.release();
    return sent;
  }

  /** Looks at what was not looked at yet, and makes the standard forms that are wanted. */
  #prepare(): Promise<void> {
    this.#work = this.#work.then(async () => {
      for (const item of this.#items) await this.#prepareOne(item);
    });
    return this.#work;
  }

  async #prepareOne(item: Attachment): Promise<void> {
    if (this.#items.includes(item)) item.reading ??= await this.#parts.work.read(item.file);
    const wanted = this.#items.includes(item);
    if (!wanted) item.release();
    else if (item.needsStandard(this.choice.form)) item.standard = await this.#standardOf(item.file);
  }

  #standardOf(file: File): Promise<StandardPicture | 'impossible'> {
    return this.#parts.work.makeStandard(file).catch(() => 'impossible' as const);
  }
}

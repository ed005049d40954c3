/** What the window shows: which conversation, which pane when narrow, whether details, settings or transfers are open. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { ShellContract } from '../../../bridge/shell-contract.ts';
import { OpenChat } from '../chat/open-chat.svelte.ts';
import { Composer } from '../composer/composer.svelte.ts';
import type { ConversationList } from '../conversations/conversation-list.svelte.ts';
import type { ConversationId, MessageId, UserId } from '../ids.ts';
import type { Notices } from '../notices/notices.svelte.ts';
import type { SettingsSection } from '../settings/settings-section.ts';

export interface NavigationParts {
  readonly engine: Pick<RpcClient<EngineContract>, 'invoke' | 'on'>;
  readonly shell: Pick<RpcClient<ShellContract>, 'invoke' | 'on'>;
  readonly list: ConversationList;
  readonly notices: Notices;
  readonly watching: () => boolean;
}

export class Navigation {
  readonly #parts: NavigationParts;
  readonly #composers = new Map<ConversationId, Composer>();
  #chat = $state.raw<OpenChat | null>(null);
  #details = $state.raw(false);
  #settings = $state.raw<SettingsSection | null>(null);
  #transfers = $state.raw(false);
  #searches = $state.raw(0);
  #opens = 0;

  constructor(parts: NavigationParts) {
    this.#parts = parts;
    parts.engine.on('messages.changed', (change) => {
      if (change.conversation === this.#chat?.id) this.#chat.receive(change);
    });
  }

  /** Follows the shell from now on; what it asked for before (a clicked notification) has been held until here. */
  followShell(): void {
    const { shell } = this.#parts;
    shell.on('open.conversation', ({ conversation }) => void this.open(conversation));
    shell.on('open.settings', () => (this.settings = true));
    shell.on('open.new-conversation', () => this.search());
    shell.on('open.search', () => this.find());
  }

  get chat(): OpenChat | null {
    return this.#chat;
  }
  get details(): boolean {
    return this.#details;
  }
  set details(open: boolean) {
    this.#details = open;
  }
  get settings(): boolean {
    return this.#settings !== null;
  }
  set settings(open: boolean) {
    this.#settings = open ? (this.#settings ?? 'profile') : null;
  }
  /** The section of the settings that is shown. */
  get section(): SettingsSection {
    return this.#settings ?? 'profile';
  }
  openSettings(section: SettingsSection): void {
    this.#settings = section;
  }
  /** The panel over all conversations. */
  get transfers(): boolean {
    return this.#transfers;
  }
  set transfers(open: boolean) {
    this.#transfers = open;
  }
  /** Steps whenever the search field should take the focus. */
  get searches(): number {
    return this.#searches;
  }

  search(): void {
    this.#settings = null;
    this.#searches += 1;
  }

  /** Searches in the open conversation; without one, in all. */
  find(): void {
    if (!this.#chat) return this.search();
    this.#settings = null;
    this.#chat.find.start();
  }

  async open(id: ConversationId): Promise<void> {
    this.#settings = null;
    if (this.#chat?.id === id) return;
    const opens = ++this.#opens;
    const { engine, list, notices, watching } = this.#parts;
    try {
      const conversation = list.find(id) ?? (await engine.invoke('conversations.get', { conversation: id }));
      if (opens !== this.#opens) return;
      const composer = this.#composers.get(id) ?? new Composer(engine, id);
      this.#composers.set(id, composer);
      composer.followDraft(conversation.draft);
      const chat = new OpenChat({ engine, conversation, composer, watching });
      this.#replace(chat);
      await chat.timeline.open();
    } catch (error) {
      if (opens === this.#opens) notices.fail(error);
    }
  }

  /** Opens a conversation at one of its messages. */
  async openAt(id: ConversationId, message: MessageId): Promise<void> {
    await this.open(id);
    const chat = this.#chat;
    if (chat?.id !== id) return;
    await chat.timeline.toMessage(message).catch(this.#parts.notices.fail.bind(this.#parts.notices));
  }

  /** Finds or makes the conversation with a person and opens it. */
  async startWith(user: UserId): Promise<void> {
    const { engine, list, notices } = this.#parts;
    try {
      const conversation = await engine.invoke('conversations.start', { user });
      list.take([conversation]);
      list.filter = '';
      await this.open(conversation.id);
    } catch (error) {
      notices.fail(error);
    }
  }

  /** Opens the conversation with oneself. */
  async openNotes(): Promise<void> {
    const { engine, list, notices } = this.#parts;
    try {
      const conversation = await engine.invoke('conversations.notes');
      list.take([conversation]);
      await this.open(conversation.id);
    } catch (error) {
      notices.fail(error);
    }
  }

  /** Back to the list. */
  close(): void {
    this.#opens += 1;
    this.#details = false;
    this.#replace(null);
  }

  #replace(chat: OpenChat | null): void {
    void this.#chat?.leave();
    this.#chat = chat;
    const conversation = chat?.id ?? null;
    this.#parts.shell.invoke('page.showing', { conversation }).catch(() => undefined);
  }

  /** The conversation above (-1) or below (1) the open one, as the list shows them. */
  step(by: 1 | -1): void {
    const { shown } = this.#parts.list;
    const at = shown.findIndex(({ id }) => id === this.#chat?.id);
    const next = at < 0 ? shown[0] : shown[at + by];
    if (next) void this.open(next.id);
  }

  /** The nth of the list, counted from 0. */
  nth(index: number): void {
    const conversation = this.#parts.list.shown[index];
    if (conversation) void this.open(conversation.id);
  }

  /** Somebody else may be logged in next: forgets everything. */
  reset(): void {
    this.close();
    this.#composers.clear();
    this.#settings = null;
    this.#transfers = false;
    this.#searches = 0;
  }

  /** The engine was restarted: looks at the open conversation again. */
  refresh(): void {
    this.#chat?.refresh();
  }
}

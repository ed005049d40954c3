/** All features of the page, made once with what they need, and shared with components by context. */
import { createContext } from 'svelte';
import type { Bridge } from '../../bridge/page-client.ts';
import { Connection } from './connection/connection.svelte.ts';
import { ConversationList } from './conversations/conversation-list.svelte.ts';
import type { UserId } from './ids.ts';
import { Notices } from './notices/notices.svelte.ts';
import { PresenceBoard } from './presence/presence-board.svelte.ts';
import { Session } from './session/session.svelte.ts';
import { AppSettings } from './settings/settings.svelte.ts';
import { Clock } from './time/clock.svelte.ts';
import { WindowFocus } from './window/focus.svelte.ts';
import { Navigation } from './window/navigation.svelte.ts';

export interface App {
  readonly bridge: Bridge;
  readonly clock: Clock;
  readonly focus: WindowFocus;
  readonly session: Session;
  readonly settings: AppSettings;
  readonly connection: Connection;
  readonly conversations: ConversationList;
  readonly presence: PresenceBoard;
  readonly notices: Notices;
  readonly navigation: Navigation;
  /** What the first picture needs. */
  load(): Promise<void>;
  /** Loads what belongs to the account that is logged in now; null: nobody is. */
  useAccount(user: UserId | null): void;
}

export const [useApp, shareApp] = createContext<App>();

export function createApp(bridge: Bridge): App {
  const { engine, shell } = bridge;
  const focus = new WindowFocus();
  const notices = new Notices(engine);
  const session = new Session(engine);
  const settings = new AppSettings(shell);
  const connection = new Connection(engine);
  const conversations = new ConversationList(engine);
  const presence = new PresenceBoard(engine);
  const watching = (): boolean => focus.present;
  const navigation = new Navigation({ engine, shell, list: conversations, notices, watching });

  bridge.onLost(() => (connection.restarting = true));
  bridge.onReconnect(() => {
    connection.restarting = false;
    session.load().catch(notices.fail.bind(notices));
    connection.load().catch(notices.fail.bind(notices));
    void conversations.load();
    navigation.refresh();
    presence.refresh();
  });

  let account: UserId | null = null;
  function useAccount(user: UserId | null): void {
    if (user === account) return;
    account = user;
    conversations.clear();
    navigation.reset();
    if (user !== null) void conversations.load();
  }

  return {
    ...{
      bridge,
      clock: new Clock(),
      focus,
      session,
      settings,
      connection,
      conversations,
      presence,
      notices,
      navigation,
    },
    async load() {
      await Promise.all([settings.load(), session.load(), connection.load()]);
      useAccount(session.account?.id ?? null);
      navigation.followShell();
    },
    useAccount,
  };
}

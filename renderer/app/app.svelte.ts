/** All features of the page, made once with what they need, and shared with components by context. */
import { createContext } from 'svelte';
import type { Bridge } from '../../bridge/page-client.ts';
import { MediaDrafts } from './attach/media-drafts.svelte.ts';
import { Connection } from './connection/connection.svelte.ts';
import { ConversationList } from './conversations/conversation-list.svelte.ts';
import { DataJobs } from './data/data-jobs.svelte.ts';
import { NewDevices } from './devices/new-devices.svelte.ts';
import type { UserId } from './ids.ts';
import { OwnTone } from './emoji/own-tone.svelte.ts';
import { RecentEmoji } from './emoji/recent-emoji.svelte.ts';
import { MediaFiles } from './media/media-files.svelte.ts';
import { nextRecording } from './media/next-recording.ts';
import { Playback } from './media/playback.svelte.ts';
import { Notices } from './notices/notices.svelte.ts';
import { PresenceBoard } from './presence/presence-board.svelte.ts';
import { Session } from './session/session.svelte.ts';
import { AppSettings } from './settings/settings.svelte.ts';
import { SyncBoard } from './sync/sync-board.svelte.ts';
import { Clock } from './time/clock.svelte.ts';
import { TransferBoard } from './transfers/transfer-board.svelte.ts';
import { Viewer } from './viewer/viewer.svelte.ts';
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
  readonly newDevices: NewDevices;
  readonly sync: SyncBoard;
  readonly data: DataJobs;
  readonly mediaDrafts: MediaDrafts;
  readonly transfers: TransferBoard;
  readonly navigation: Navigation;
  readonly files: MediaFiles;
  readonly playback: Playback;
  readonly viewer: Viewer;
  readonly recentEmoji: RecentEmoji;
  readonly ownTone: OwnTone;
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
  const newDevices = new NewDevices(engine);
  const sync = new SyncBoard(engine);
  const data = new DataJobs(bridge, (words) => notices.show(words));
  const transfers = new TransferBoard(engine, notices);
  const mediaDrafts = new MediaDrafts(bridge);
  const watching = (): boolean => focus.present;
  const navigation = new Navigation({ engine, shell, list: conversations, notices, watching });
  const files = new MediaFiles(shell, notices);
  const viewer = new Viewer(engine);
  const recentEmoji = new RecentEmoji(localStorage);
  const ownTone = new OwnTone(localStorage);
  const playback = new Playback({
    audio: new Audio(),
    memory: localStorage,
    fetch: (ref) => void transfers.start(ref),
    after: ({ ref }) => nextRecording(navigation.chat?.timeline.messages ?? [], ref),
  });

  bridge.onLost(() => (connection.restarting = true));
  bridge.onReconnect(() => {
    connection.restarting = false;
    session.load().catch(notices.fail.bind(notices));
    connection.load().catch(notices.fail.bind(notices));
    void conversations.load();
    void transfers.load();
    data.load().catch(notices.fail.bind(notices));
    if (account !== null) newDevices.load().catch(notices.fail.bind(notices));
    navigation.refresh();
    presence.refresh();
  });

  let account: UserId | null = null;
  function useAccount(user: UserId | null): void {
    if (user === account) return;
    account = user;
    conversations.clear();
    mediaDrafts.reset();
    transfers.reset();
    connection.reset();
    newDevices.reset();
    sync.reset();
    viewer.close();
    playback.stop();
    navigation.reset();
    if (user === null) {
      recentEmoji.forget();
      ownTone.forget();
      return;
    }
    void conversations.load();
    void transfers.load();
    newDevices.load().catch(notices.fail.bind(notices));
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
      newDevices,
      sync,
      data,
      mediaDrafts,
      transfers,
      navigation,
      files,
      playback,
      viewer,
      recentEmoji,
      ownTone,
    },
    async load() {
      await Promise.all([settings.load(), session.load(), connection.load()]);
      data.load().catch(notices.fail.bind(notices));
      useAccount(session.account?.id ?? null);
      navigation.followShell();
    },
    useAccount,
  };
}

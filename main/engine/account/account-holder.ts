/** Holds the account that is logged in, if one is: opens it, replaces it when its history breaks, and lets it go. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { GuestContract } from '../../../bridge/host-contract.ts';
import type { FaultView, RelayView, SessionView } from '../../../bridge/views.ts';
import { ParleyError } from '../../../protocol/index.ts';
import { checkRelay } from '../connection/relay-check.ts';
import type { EngineDeps } from '../options.ts';
import type { EventHub } from '../runtime/event-hub.ts';
import { storageErrorFrom } from '../storage/faults.ts';
import { createStorageHealth, watchStore } from '../storage/health.ts';
import type { AccountRecord, ProfileStore } from '../storage/profile-store.ts';
import { openHistory, rebuildHistory, type OpenedHistory } from './open-history.ts';
import {
  alreadySignedIn,
  endSession,
  eraseHistory,
  folderOf,
  notSignedIn,
  sessionView,
  type SignedIn,
} from './session.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export interface AccountHolder {
  /** Opens the account that was logged in when the engine last ran. */
  open(): Promise<void>;
  current(): Workspace | null;
  /** @throws ParleyError `unauthenticated` when nobody is logged in. */
  workspace(): Workspace;
  view(): SessionView;
  checkRelay(address: string): Promise<RelayView>;
  signIn(begin: (deps: EngineDeps) => Promise<SignedIn>): Promise<SessionView>;
  signOut(erase: boolean): Promise<void>;
  /** The account's profile is different now. */
  tellSession(): void;
  /** Takes an error that a command met, and gives it back in words. */
  explain(error: unknown): unknown;
  /** What a page or the host that just connected must know. */
  tellNewPage(): void;
  tellHost(): void;
  close(): Promise<void>;
}

const rebuildAgainMs = 5_000;

export function createAccountHolder(
  deps: EngineDeps,
  profile: ProfileStore,
  pages: EventHub<EngineContract>,
  guest: EventHub<GuestContract>,
): AccountHolder {
  const { clock, log, host } = deps;
  let workspace: Workspace | null = null;
  let token: string | null = null;
  const untold: FaultView[] = [];
  let rebuilding: Promise<void> | null = null;
  let signingIn = false;
  let closed = false;

  const health = createStorageHealth({
    onChanged(fault) {
      pages.emit('storage.changed', fault);
      if (fault) guest.emit('storage.failed', fault);
    },
    onDamaged: () => void (rebuilding ??= keepRebuilding().finally(() => (rebuilding = null))),
  });

  const record = (): AccountRecord => {
    const found = profile.account();
    if (!found) throw notSignedIn();
    return found;
  };
  const tellSession = () => pages.emit('session.changed', sessionView(profile));

  function notice(fault: FaultView): void {
    if (pages.size > 0) pages.emit('notice', fault);
    else untold.push(fault);
  }

  function start(opened: OpenedHistory, sessionToken: string): void {
    token = sessionToken;
    workspace = openWorkspace({
      deps,
      token: sessionToken,
      store: watchStore(opened.store, health),
      health,
      pages,
      guest,
      record,
      updateRecord(next) {
        const before = sessionView(profile);
        profile.update(next);
        if (JSON.stringify(before) !== JSON.stringify(sessionView(profile))) tellSession();
      },
      notice,
      onSessionEnded: (reason) =>
        void leave(reason).catch((error: unknown) => log.error('session.leave_failed', {}, error)),
    });
    if (opened.notice) notice(opened.notice);
  }

  /** Keeps history and outbox; only the session is over. */
  async function leave(reason: 'logged-out' | 'revoked' | 'disabled'): Promise<void> {
    const { address, account } = record();
    const left = workspace;
    workspace = null;
    token = null;
    const waiting = left ? countWaiting(left) : 0;
    await left?.close();
    profile.signOut({ reason, address, username: account.username, waiting });
    await host.secrets.erase();
    log.info('session.ended', { reason });
    tellSession();
    guest.emit('unread.changed', { total: 0 });
  }

  function countWaiting({ store }: Workspace): number {
    try {
      return store.outbox.count();
    } catch {
      return 0;
    }
  }

  /** The database turned out to be damaged while it was in use. Goes on trying while the disk refuses. */
  async function keepRebuilding(): Promise<void> {
    log.error('storage.damaged');
    const broken = workspace;
    const session = token;
    workspace = null;
    await broken?.close().catch((error: unknown) => log.warn('storage.close_failed', {}, error));
    // Whoever logs in meanwhile has a history of their own, which is not broken.
    const isWanted = () => !closed && workspace === null && token === session;
    while (session !== null && isWanted() && !rebuild(session)) {
      await new Promise<void>((resolve) => clock.after(rebuildAgainMs, resolve));
    }
  }

  function rebuild(sessionToken: string): boolean {
    try {
      raiseGeneration();
      start(
        rebuildHistory(folderOf(deps.dataDir, record()), () => record().account, clock),
        sessionToken,
      );
      tellSession();
      return true;
    } catch (error) {
      log.error('storage.rebuild_failed', {}, error);
      health.report(error);
      return false;
    }
  }

  function raiseGeneration(): void {
    profile.update({ ...record(), generation: record().generation + 1 });
  }

  return {
    async open() {
      const found = profile.account();
      if (!found) return;
      const saved = await host.secrets.load();
      if (saved === null) {
        const waiting = waitingIn(folderOf(deps.dataDir, found), found);
        profile.signOut({ reason: 'revoked', address: found.address, username: found.account.username, waiting });
        return;
      }
      const opened = openHistory(folderOf(deps.dataDir, found), () => record().account, clock);
      if (opened.notice) raiseGeneration();
      start(opened, saved);
    },
    current: () => workspace,
    workspace() {
      if (workspace) return workspace;
      if (rebuilding)
        throw new ParleyError('unavailable', { message: 'The history is being set up again. Try again in a moment.' });
      throw notSignedIn();
    },
    view: () => sessionView(profile),
    checkRelay: (address) => checkRelay(deps.http, address),
    async signIn(begin) {
      if (workspace || signingIn) throw alreadySignedIn();
      signingIn = true;
      try {
        const session = await begin(deps);
        await keep(session);
        tellSession();
        return sessionView(profile);
      } finally {
        signingIn = false;
      }
    },
    async signOut(erase) {
      const left = record();
      const ended = token;
      const folder = folderOf(deps.dataDir, left);
      workspace?.connection.stop();
      if (ended !== null) await endSession(deps, left, ended);
      await leave('logged-out');
      if (!erase) return;
      await eraseHistory(folder);
      profile.signOut({ ...profile.signedOut(), waiting: 0 });
      tellSession();
    },
    tellSession,
    explain(error) {
      health.report(error);
      return storageErrorFrom(error);
    },
    tellNewPage() {
      const fault = health.fault();
      if (fault) pages.emit('storage.changed', fault);
      for (const fault of untold.splice(0)) pages.emit('notice', fault);
    },
    tellHost() {
      const fault = health.fault();
      if (fault) guest.emit('storage.failed', fault);
      if (workspace) guest.emit('unread.changed', { total: workspace.store.conversationViews.totalUnread() });
    },
    async close() {
      const open = workspace;
      workspace = null;
      closed = true;
      await open?.close();
      profile.close();
    },
  };

  /** The host lost the token: the history stays, and whoever logs in again finds what waits there. */
  function waitingIn(folder: string, found: AccountRecord): number {
    const { store } = openHistory(folder, () => found.account, clock);
    const waiting = store.outbox.count();
    store.close();
    return waiting;
  }

  /** The history is opened before anything is remembered: a log-in that cannot be kept is none. */
  async function keep({ record: next, token: nextToken }: SignedIn): Promise<void> {
    let opened: OpenedHistory;
    try {
      opened = openHistory(folderOf(deps.dataDir, next), () => profile.account()?.account ?? next.account, clock);
    } catch (error) {
      await endSession(deps, next, nextToken);
      throw error;
    }
    try {
      await host.secrets.save(nextToken);
      profile.signIn(next);
    } catch (error) {
      opened.store.close();
      await endSession(deps, next, nextToken);
      throw error;
    }
    start(opened, nextToken);
  }
}

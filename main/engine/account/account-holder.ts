/** Holds the account that is logged in, if one is: opens it, replaces it when its history breaks, and lets it go. */
import { existsSync } from 'node:fs';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { GuestContract } from '../../../bridge/host-contract.ts';
import type { FaultView, RelayView, SessionView } from '../../../bridge/views.ts';
import { ParleyError } from '../../../protocol/index.ts';
import type { SessionEnd } from '../connection/connection.ts';
import { checkRelay } from '../connection/relay-check.ts';
import type { EngineDeps } from '../options.ts';
import type { EventHub } from '../runtime/event-hub.ts';
import { createTurns } from '../runtime/turns.ts';
import { storageErrorFrom } from '../storage/faults.ts';
import { createStorageHealth, watchStore } from '../storage/health.ts';
import type { AccountRecord, ProfileStore } from '../storage/profile-store.ts';
import { isRestored } from '../storage/restored-mark.ts';
import { createLeaving } from './leaving.ts';
import { openHistory, rebuildHistory, type OpenedHistory } from './open-history.ts';
import { alreadySignedIn, endSession, folderOf, notSignedIn, sessionView, type SignedIn } from './session.ts';
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

interface Departure {
  readonly reason: 'logged-out' | SessionEnd;
  /** The relay does not know of it yet. */
  readonly tellRelay: boolean;
  readonly erase: boolean;
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
  /** Logging in and out go one after another: none ends a session that began after it was asked for. */
  const turns = createTurns<'session'>();
  let departing: Promise<void> | null = null;

  const health = createStorageHealth({
    onChanged(fault) {
      pages.emit('storage.changed', fault);
      if (fault) guest.emit('storage.failed', fault);
    },
    onDamaged: () => void (rebuilding ??= keepRebuilding().finally(() => (rebuilding = null))),
  });

  const tellSession = () => pages.emit('session.changed', sessionView(profile));
  const leaving = createLeaving(deps, profile, health, tellSession);

  const record = (): AccountRecord => {
    const found = profile.account();
    if (!found) throw notSignedIn();
    return found;
  };
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
        void depart(sessionToken, { reason, tellRelay: false, erase: reason === 'erased' }).catch((error: unknown) =>
          log.error('session.leave_failed', {}, error),
        ),
    });
    if (opened.notice) notice(opened.notice);
  }

  /** Ends the session with that token, unless it is over already. */
  function depart(session: string | null, departure: Departure): Promise<void> {
    return turns.run('session', async () => {
      if (token !== session || profile.account() === null) return;
      await (departing = leave(departure).finally(() => (departing = null)));
    });
  }

  async function leave({ reason, tellRelay, erase }: Departure): Promise<void> {
    const leaver = record();
    workspace?.connection.stop();
    if (tellRelay && token !== null) await endSession(deps, leaver, token);
    const left = workspace;
    workspace = null;
    token = null;
    const waiting = left && !erase ? countWaiting(left) : 0;
    await left?.close().catch((error: unknown) => log.warn('storage.close_failed', {}, error));
    const { address, account } = leaver;
    const username = reason === 'erased' ? null : account.username;
    const state = { reason, address, username, waiting };
    await (erase ? leaving.signOut(state, folderOf(deps.dataDir, leaver)) : leaving.signOut(state));
    log.info('session.ended', { reason });
    guest.emit('unread.changed', { total: 0 });
  }

  /** The session was ended by somebody else first, who did not ask for this. */
  async function eraseLeft(folder: string): Promise<void> {
    if (profile.account() !== null || !existsSync(folder)) return;
    await leaving.signOut({ ...profile.signedOut(), waiting: 0 }, folder);
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
      await leaving.finishErasing().catch((error: unknown) => log.error('session.erase_failed', {}, error));
      const found = profile.account();
      if (!found) return;
      const saved = await host.secrets.load();
      if (saved === null) {
        const waiting = waitingIn(folderOf(deps.dataDir, found), found);
        const { address, account } = found;
        return leaving.signOut({ reason: 'revoked', address, username: account.username, waiting });
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
        return await turns.run('session', async () => {
          await leaving.finishErasing();
          await keep(await begin(deps));
          tellSession();
          return sessionView(profile);
        });
      } finally {
        signingIn = false;
      }
    },
    async signOut(erase) {
      const folder = folderOf(deps.dataDir, record());
      await depart(token, { reason: 'logged-out', tellRelay: true, erase });
      if (erase) await turns.run('session', () => eraseLeft(folder));
    },
    tellSession,
    explain(error) {
      health.report(error);
      // The connection hears the same as soon as it asks, and knows what to do.
      if (error instanceof ParleyError && error.code === 'device_revoked') workspace?.connection.retry();
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
      guest.emit('transfers.moving', { moving: workspace?.media.isMoving() ?? false });
    },
    async close() {
      const open = workspace;
      workspace = null;
      closed = true;
      await departing?.catch(() => {});
      await open?.close();
      leaving.stop();
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
      const rebuilt = isRestored(opened.store.state) ? 1 : 0;
      profile.signIn({ ...next, generation: next.generation + rebuilt });
    } catch (error) {
      opened.store.close();
      await endSession(deps, next, nextToken);
      throw error;
    }
    start(opened, nextToken);
  }
}

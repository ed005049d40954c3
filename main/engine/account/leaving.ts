/** Remembers that nobody is logged in any more, and erases an account's folder: for good, whatever the disk says to it. */
import { basename, join } from 'node:path';
import type { EngineDeps } from '../options.ts';
import type { StorageHealth } from '../storage/health.ts';
import type { ProfileStore, SignedOut } from '../storage/profile-store.ts';
import { accountsFolder, eraseHistory } from './session.ts';

export interface Leaving {
  /**
   * Signed out from now on, also when this cannot be written: it is tried again then, until it could be or somebody
   * logged in. @param erase folder of the account, where that is to be erased.
   */
  signOut(state: SignedOut, erase?: string): Promise<void>;
  /** Erases what an earlier run, or an earlier try, did not get done. @throws what the disk refuses. */
  finishErasing(): Promise<void>;
  stop(): void;
}

const againMs = 5_000;

/** @param onSignedOut called as soon as nobody is logged in. */
export function createLeaving(
  deps: EngineDeps,
  profile: ProfileStore,
  health: StorageHealth,
  onSignedOut: () => void,
): Leaving {
  const { clock, log, host } = deps;
  let stopped = false;
  let cancel = () => {};

  /** A full disk has room again once the history is gone. */
  function keepSaving(): void {
    if (stopped) return;
    try {
      profile.save();
      health.worked();
    } catch (error) {
      log.warn('session.unsaved', {}, error);
      health.report(error);
      cancel = clock.after(againMs, keepSaving);
    }
  }

  async function finishErasing(): Promise<void> {
    const folder = profile.erasing();
    if (folder === null) return;
    await eraseHistory(join(deps.dataDir, accountsFolder, folder));
    profile.erased();
    log.info('session.erased');
  }

  async function forgetToken(): Promise<void> {
    await host.secrets.erase().catch((error: unknown) => log.warn('session.token_kept', {}, error));
  }

  return {
    async signOut(state, erase) {
      cancel();
      let saved = true;
      try {
        profile.signOut(state, erase === undefined ? null : basename(erase));
      } catch (error) {
        saved = false;
        log.warn('session.unsaved', {}, error);
      }
      onSignedOut();
      await forgetToken();
      await finishErasing().catch((error: unknown) => {
        log.error('session.erase_failed', {}, error);
        health.report(error);
      });
      if (!saved) keepSaving();
    },
    finishErasing,
    stop() {
      stopped = true;
      cancel();
    },
  };
}

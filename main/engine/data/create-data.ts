/** Work on all data of the account, as the host asks for it and the screens see it: export, import, backup, restore. */
import { resolve } from 'node:path';
import type { Handlers } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { GuestContract } from '../../../bridge/host-contract.ts';
import type { DataJob } from '../../../bridge/views.ts';
import { ParleyError } from '../../../protocol/index.ts';
import type { AccountHolder } from '../account/account-holder.ts';
import { alreadySignedIn } from '../account/session.ts';
import type { Workspace } from '../account/workspace.ts';
import { safeName } from '../media/safe-name.ts';
import type { EngineDeps } from '../options.ts';
import type { EventHub } from '../runtime/event-hub.ts';
import type { ProfileStore } from '../storage/profile-store.ts';
import { restoreBackup } from './backup/restore-backup.ts';
import { writeBackup } from './backup/write-backup.ts';
import { createDataJobs } from './data-jobs.ts';
import { assertEmpty, exportHistory } from './export/export-history.ts';
import { importHistory } from './import/import-history.ts';
import { readExportHead } from './import/read-head.ts';
import { explainReading, explainWriting } from './place-faults.ts';
import { createTemporaries } from './temporaries.ts';
import type { JobResult, Work } from './work.ts';

export interface Data {
  readonly guest: Pick<Handlers<GuestContract>, Extract<keyof Handlers<GuestContract>, `data.${string}`>>;
  readonly engine: Pick<Handlers<EngineContract>, 'data.job' | 'data.cancel'>;
  /** Ends what runs; nothing of it is left. */
  close(): Promise<void>;
}

interface DataDeps {
  readonly deps: EngineDeps;
  readonly holder: AccountHolder;
  readonly profile: ProfileStore;
  readonly pages: EventHub<EngineContract>;
}

export function createData({ deps, holder, profile, pages }: DataDeps): Data {
  const { dataDir, clock, log, appVersion, sealer } = deps;
  const temporaries = createTemporaries(dataDir);
  const onChanged = (job: DataJob) => pages.emit('data.job-changed', job);
  const jobs = createDataJobs({ clock, log, temporaries, onChanged });
  temporaries.clean().catch((error: unknown) => log.warn('data.not_cleaned', {}, error));

  /** A damaged history is set up again, whoever meets the damage. */
  const reading = (error: unknown) => holder.explain(explainReading(error));
  const writing = (error: unknown) => holder.explain(explainWriting(error));

  async function explained<T>(explain: (error: unknown) => unknown, check: () => Promise<T>): Promise<T> {
    try {
      return await check();
    } catch (error) {
      throw explain(error);
    }
  }

  async function begin(
    job: Exclude<DataJob['job'], 'restore'>,
    explain: (error: unknown) => unknown,
    run: (workspace: Workspace, work: Work) => Promise<JobResult>,
  ): Promise<void> {
    const workspace = holder.workspace();
    await workspace.media.ready;
    jobs.begin(job, { run: (work) => run(workspace, work), ended: workspace.closing, explain });
  }

  const partsOf = ({ store, media, relayTime, record }: Workspace) => {
    return { store, vault: media.vault, record: record(), appVersion, now: relayTime.now() };
  };

  /** Fills in the form for logging in, unless somebody else logged in meanwhile. */
  function suggest(account: { address: string; username: string; waiting: number }): void {
    if (profile.account() !== null) return;
    try {
      profile.signOut({ reason: 'logged-out', ...account });
    } catch (error) {
      log.warn('data.not_suggested', {}, error);
    }
    holder.tellSession();
  }

  async function restore(file: string, passphrase: string, work: Work): Promise<JobResult> {
    const { address, username, waiting, result } = await restoreBackup(
      { dataDir, now: clock.now() },
      file,
      passphrase,
      work,
    );
    suggest({ address, username, waiting });
    return result;
  }

  return {
    guest: {
      'data.title': () => titleOf(holder.workspace().record().account.username, clock.now()),
      async 'data.export'({ folder }) {
        await explained(writing, () => assertEmpty(folder));
        await begin('export', writing, (workspace, work) =>
          exportHistory({ ...partsOf(workspace), sealer }, resolve(folder), work),
        );
      },
      async 'data.import'({ folder }) {
        await explained(reading, () => readExportHead(folder, holder.workspace().record()));
        await begin('import', reading, (workspace, work) => {
          const { changes, accountValues, media } = workspace;
          const onErased = () => media.intake.release();
          return importHistory(
            { ...partsOf(workspace), sealer, changes, accountValues: accountValues.intake, onErased },
            folder,
            work,
          );
        });
      },
      'data.backup': ({ file, passphrase }) =>
        begin('backup', writing, (workspace, work) =>
          writeBackup({ ...partsOf(workspace), dataDir }, resolve(file), passphrase, work),
        ),
      'data.restore'({ file, passphrase }) {
        if (profile.account() !== null) throw alreadySignedIn();
        if (profile.erasing() !== null) throw stillErasing();
        jobs.begin('restore', { run: (work) => restore(file, passphrase, work), ended: null, explain: reading });
      },
    },
    engine: {
      'data.job': () => jobs.current(),
      'data.cancel': () => jobs.cancel(),
    },
    close: () => jobs.cancel(),
  };
}

function stillErasing(): ParleyError {
  return new ParleyError('unavailable', {
    message: 'The history that was here is still being erased. Restart Parley, then restore the backup.',
  });
}

/** The day is the one on the person's calendar. */
function titleOf(username: string, now: number): string {
  const date = new Date(now);
  const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  const two = (number: number) => String(number).padStart(2, '0');
  return safeName(`Parley ${username} ${year}-${two(month)}-${two(day)}`);
}

/** Work on all data, as the host begins it and tests wait for its end. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { InputOf } from '../../bridge/contract.ts';
import type { GuestContract } from '../../bridge/host-contract.ts';
import type { DataJob } from '../../bridge/views.ts';
import type { HeadlessClient } from '../../main/engine/headless.ts';

type JobName = Extract<keyof GuestContract['commands'], 'data.export' | 'data.import' | 'data.backup' | 'data.restore'>;

/** Begins a job and waits until it is over, however it ends. */
export async function runJob<N extends JobName>(
  client: HeadlessClient,
  name: N,
  input: InputOf<GuestContract, N>,
): Promise<DataJob> {
  const over = jobOver(client);
  const begin = client.guest.invoke as (name: JobName, input: unknown) => Promise<void>;
  await begin(name, input);
  return over;
}

/** The next job that ends. */
export function jobOver(client: HeadlessClient): Promise<DataJob> {
  return new Promise((resolve) => {
    const stop = client.on('data.job-changed', (job) => {
      if (job.state === 'running') return;
      stop();
      resolve(job);
    });
    onTestFinished(stop);
  });
}

/** What lies in a folder, as paths, without what is in the folders in it unless `deep`. */
export function namesIn(folder: string, deep = false): string[] {
  return readdirSync(folder, { recursive: deep, encoding: 'utf8' }).sort();
}

/** The one account's folder in an engine's data folder. */
export function accountFolderOf(dataDir: string): string {
  const [account = ''] = readdirSync(join(dataDir, 'accounts'));
  return join(dataDir, 'accounts', account);
}

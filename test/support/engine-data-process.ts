/** Runs as a process: logs in from its folder, does one job on all data and tells of each of its states. */
import { createHeadlessClient } from '../../main/engine/headless.ts';
import type { KilledJob } from './engine-data-kill.ts';

const { dataDir, address, job, to } = JSON.parse(process.argv[2] ?? '') as KilledJob;
const client = await createHeadlessClient({ dataDir, address, username: '', password: '' });
client.on('data.job-changed', ({ state }) => process.send?.(state));
if (job === 'export') await client.guest.invoke('data.export', { folder: to });
else await client.guest.invoke('data.backup', { file: to, passphrase: 'a passphrase' });

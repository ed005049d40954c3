/** Blobs on a disk keep the contract. */
import { rmSync } from 'node:fs';
import { openDiskBlobs } from '../../signaling-server/adapters/disk/disk-blobs.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import { temporaryDirectory } from '../support/relay-core.ts';
import { runBlobsContract } from './blobs-contract.ts';

runBlobsContract('disk', async () => {
  const folders = [temporaryDirectory(), temporaryDirectory()] as const;
  const open = (folder: string, capBytes: number | null = null) =>
    openDiskBlobs({ folder, capBytes, reserveBytes: 0, metrics: silentMetrics });
  return {
    storage: await open(folders[0]),
    reopen: () => open(folders[0]),
    withCap: (bytes) => open(folders[1], bytes),
    async dispose() {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
});

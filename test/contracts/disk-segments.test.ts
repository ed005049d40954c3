/** Segments on a disk keep the contract. */
import { rmSync } from 'node:fs';
import { openDiskSegments } from '../../signaling-server/adapters/cold/disk-segments.ts';
import { temporaryDirectory } from '../support/relay-core.ts';
import { runSegmentsContract } from './segments-contract.ts';

runSegmentsContract('disk', async () => {
  const folder = temporaryDirectory();
  return {
    segments: await openDiskSegments(folder),
    reopen: () => openDiskSegments(folder),
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

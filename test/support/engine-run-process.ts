/** Runs as a process: opens the engine of a folder and tells of its session, until it is killed. */
import { openHeadlessEngine } from '../../main/engine/headless.ts';

const client = await openHeadlessEngine({ dataDir: process.argv[2] ?? '' });
client.on('session.changed', (session) => process.send?.(session));
process.send?.(await client.invoke('session.get'));

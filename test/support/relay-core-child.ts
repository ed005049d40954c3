/** The relay's core as a process of its own, to be killed: prints its port, then serves until it ends. */
import { startRelayCore } from './relay-core.ts';

const [dataDir = ''] = process.argv.slice(2);
const fast = 1_000_000;
const settings = { sendsPerSecond: fast, sendBurst: fast, framesPerSecond: fast, frameBurst: fast };
const { port } = await startRelayCore({ dataDir, settings });
process.stdout.write(`${port}\n`);

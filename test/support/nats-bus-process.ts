/** A node of a fleet as far as its bus goes, in a process of its own, to be killed: listens until it ends. */
import type { Subject } from '../../signaling-server/ports/bus.ts';
import { openTestBus } from './nats-bus.ts';

const [url = '', ...subjects] = process.argv.slice(2);
const { bus } = await openTestBus(url);
for (const subject of subjects) bus.subscribe(subject as Subject, () => {});
await bus.ping();
process.send?.('ready');
process.on('SIGTERM', () => void bus.close().then(() => process.disconnect()));

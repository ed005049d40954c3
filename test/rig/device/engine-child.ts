/** Runs as a process: one engine, served over the process's channel. */
import type { Port } from '../../../bridge/rpc.ts';
import { openHeadlessEngine } from '../../../main/engine/headless.ts';
import { isRigMessage, type RigMessage } from './engine-process.ts';
import { createRigClock } from './rig-clock.ts';
import type { RigEngineOptions } from './rig-engine.ts';

const { dataDir, skew } = JSON.parse(process.argv[2] ?? '') as RigEngineOptions;
const clock = createRigClock(skew);

const port: Port = {
  // The rig may be gone.
  post: (message) => void process.send?.(message, undefined, undefined, () => {}),
  listen: (listener) =>
    void process.on('message', (message) => {
      if (!isRigMessage(message)) listener(message);
    }),
  onClose: (listener) => void process.once('disconnect', listener),
  close: () => process.disconnect(),
};
const tell = (message: RigMessage): void => port.post(message);

try {
  const client = await openHeadlessEngine({ dataDir, clock });
  client.engine.serve(port);
  process.on('message', (message) => {
    if (!isRigMessage(message)) return;
    if (message.rig === 'skew') clock.skew = message.ms;
    if (message.rig === 'stop') void client.stop().then(() => process.exit());
  });
  tell({ rig: 'opened' });
} catch (error) {
  tell({ rig: 'failed', reason: String(error) });
  process.disconnect();
}
// Without the rig there is nobody to serve.
process.once('disconnect', () => process.exit());

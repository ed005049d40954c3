/** An engine inside the rig's own process: cheap, and never killed. */
import { openHeadlessEngine } from '../../../main/engine/headless.ts';
import { createRigClock } from './rig-clock.ts';
import type { RigEngine, RigEngineOptions } from './rig-engine.ts';

export async function openEngineHere({ dataDir, skew }: RigEngineOptions): Promise<RigEngine> {
  const clock = createRigClock(skew);
  const { invoke, on, stop } = await openHeadlessEngine({ dataDir, clock });
  return {
    invoke,
    on,
    stop,
    setSkew: (ms) => void (clock.skew = ms),
    kill: () => Promise.reject(new Error('An engine of the rig’s own process cannot be killed.')),
  };
}

/** Has what moves files give way when the computer is busy, so that windows and messages stay quick meanwhile. */
import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { app } from 'electron';

/** A tenth of the share of others where they compete; all there is where nobody else wants it. */
const linuxNiceness = 10;
/** Threads that come later may begin with a priority of their own. */
const againMs = 2_000;

/**
 * Lowers the page's process and Chromium's network service, which carries nothing in Parley but the peer page's packets.
 * @returns ends it; a process that was lowered stays so.
 */
export function beginGivingWay(page: number): () => void {
  const lowerAll = (): void => {
    const network = app.getAppMetrics().filter(({ serviceName }) => serviceName === 'network.mojom.NetworkService');
    for (const pid of [page, ...network.map((process) => process.pid)]) for (const id of idsOf(pid)) lower(id);
  };
  lowerAll();
  const timer = setInterval(lowerAll, againMs);
  return () => clearInterval(timer);
}

/** Linux keeps a priority for each thread, other systems for the process. Empty for a process that ended. */
function idsOf(pid: number): readonly number[] {
  if (process.platform !== 'linux') return [pid];
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

function lower(id: number): void {
  try {
    setPriority(id, process.platform === 'linux' ? linuxNiceness : constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It ended meanwhile, or the system forbids it: then transfers are as important as everything else.
  }
}

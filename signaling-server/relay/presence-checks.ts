/** Has presence looked at anew when it may have become untrue without a note. */
import type { Bus } from '../ports/bus.ts';
import type { PresenceBoard } from './presence.ts';

/** Often enough that presence is told as unknown soon after the bus is gone, and as it is soon after it is back. */
const everyMs = 1_000;

/** For a bus between nodes. @returns ends it. */
export function startPresenceChecks(bus: Bus, board: Pick<PresenceBoard, 'check' | 'unknown'>): () => void {
  let wasConnected = bus.connected;
  let checking = false;

  async function check(): Promise<void> {
    if (checking) return;
    checking = true;
    await board.check();
    checking = false;
  }

  const timer = setInterval(() => {
    const lost = wasConnected && !bus.connected;
    const isBack = bus.connected && board.unknown > 0;
    wasConnected = bus.connected;
    if (lost || isBack) void check();
  }, everyMs).unref();
  const leave = bus.onLoss(() => void board.check());
  return () => {
    clearInterval(timer);
    leave();
  };
}

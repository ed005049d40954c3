/** Closes and opens the lid of a computer: every process of an app stands still, as while the system sleeps (Linux). */
import { readdirSync, readFileSync } from 'node:fs';
import type { ParleyApp } from './electron-app.ts';

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

/** The process and all that it started. */
function familyOf(root: number): number[] {
  const all = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const parents = new Map(all.map((pid) => [pid, parentOf(pid)]));
  const family = [root];
  for (const member of family) for (const [pid, parent] of parents) if (parent === member) family.push(pid);
  return family;
}

function signalAll({ app }: ParleyApp, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const { pid } = app.process();
  if (pid === undefined) throw new Error('The app has no process.');
  for (const member of familyOf(pid)) process.kill(member, signal);
}

export function closeLid(app: ParleyApp): void {
  signalAll(app, 'SIGSTOP');
}

export function openLid(app: ParleyApp): void {
  signalAll(app, 'SIGCONT');
}

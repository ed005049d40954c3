/** A process under measurement: pinned to one core, with its CPU time and memory read from the system (Linux). */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

const ticksPerSecond = 100;

/** Seconds of CPU of a process so far, user and system; 0 once it is gone. */
export function cpuSecondsOf(pid: number, children: 'alone' | 'with its dead' = 'alone'): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
      .map(Number);
    const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields;
    return (user + system + (children === 'alone' ? 0 : childrenUser + childrenSystem)) / ticksPerSecond;
  } catch {
    return 0;
  }
}

export class MeasuredProcess {
  readonly child: ChildProcess;

  /** @param core the CPU that all its threads run on. @param args of Node. */
  constructor(core: number, args: readonly string[], stdio: 'ignore' | 'pipe' = 'ignore') {
    this.child = spawn('taskset', ['-c', String(core), process.execPath, ...args], {
      stdio: [stdio, stdio === 'pipe' ? 'pipe' : 'ignore', 'inherit'],
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The process did not start.');
    return this.child.pid;
  }

  /** Seconds of CPU used so far by all its threads, user and system. */
  cpuSeconds(): number {
    return cpuSecondsOf(this.pid);
  }

  /** Resident memory in bytes. */
  residentBytes(): number {
    const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    return Number(line?.[1]) * 1_024;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    const force = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(force);
  }
}

/** A program that runs beside a script: in a process group of its own, its words in a file, ended when the script ends. */
import { spawn, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from '../run-command.ts';

export interface Program {
  readonly pid: number;
  readonly logFile: string;
  /** Resolves once the program has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Asks it to end, and ends it for good when it does not. */
  stop(): Promise<void>;
}

interface ProgramOptions extends Pick<SpawnOptions, 'uid' | 'gid' | 'env'> {
  /** For people. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** The one it ends in order on. */
  readonly signal?: NodeJS.Signals;
  readonly isReady: () => Promise<boolean>;
}

const readyTimeoutMs = 30_000;
const stopTimeoutMs = 15_000;
const pollMs = 50;

/** @throws Error with the program's last words when it ends, or is not ready in time. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { name, command, args, logFile, signal = 'SIGTERM', isReady, ...spawning } = options;
  const log = openSync(logFile, 'w');
  const child = spawn(command, [...args], { ...spawning, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      hasEnded = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', kill);
    if (hasEnded) return;
    child.kill(signal);
    const timer = setTimeout(kill, stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  };
  for (const deadline = Date.now() + readyTimeoutMs; !(await isReady()); await sleep(pollMs)) {
    if (!hasEnded && Date.now() < deadline) continue;
    const how = hasEnded ? 'ended at once' : `is not ready after ${readyTimeoutMs / 1_000} s`;
    await stop();
    throw new Error(`${name} ${how}. Its last words:\n${lastLines(readFileSync(logFile, 'utf8'))}`);
  }
  return { pid: child.pid ?? -1, logFile, ended, stop };
}

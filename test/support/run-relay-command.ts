/** Runs one `parley-relay` command to its end, as a process of its own. */
import { spawn } from 'node:child_process';
import { relayEntry } from './start-relay.ts';

export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A command that does not end within 20 s is killed and answers -1. */
export function runRelayCommand(
  args: readonly string[],
  { input, env, cwd }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [relayEntry, ...args], {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...env },
      timeout: 20_000,
      killSignal: 'SIGKILL',
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
    child.once('close', (code) => resolve({ code: code ?? -1, out, err }));
    child.stdin.end(input ?? '');
  });
}

/** Runs another program to its end and reports how it went. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  /** Gets each line of output as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface CommandResult {
  /** Null when the program could not be started or was stopped. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Never rejects: a program that is missing or killed has `code: null`. */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs, onLine }: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout = collect(child.stdout, onLine);
  const stderr = collect(child.stderr, onLine);
  let timedOut = false;
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, timeoutMs);
  const failure = await ended(child);
  clearTimeout(timer);
  return { code: child.exitCode, stdout: stdout.text(), stderr: stderr.text() + failure, timedOut };
}

/** Like `runCommand`, but a failure is an error that says what was tried and how it ended. */
export async function runOrThrow(
  what: string,
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await runCommand(command, args, options);
  if (result.code === 0) return result;
  const how = result.timedOut ? 'took too long' : `ended with ${result.code ?? 'no exit code'}`;
  throw new Error(
    `${what} failed: \`${[command, ...args].join(' ')}\` ${how}.\n${lastLines(result.stderr || result.stdout)}`,
  );
}

export function lastLines(text: string, count = 15): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

function collect(stream: NodeJS.ReadableStream, onLine?: (line: string) => void): { text: () => string } {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => (text += chunk));
  if (onLine) createInterface({ input: stream }).on('line', onLine);
  return { text: () => text };
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(''));
  });
}

/** Compiles the recorder of writes, where there is a compiler. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

let compiled: string | null | undefined;

/** @returns the library to preload; null where it cannot be made (another system, no gcc). Compiled once a process. */
export function recorderLibrary(): string | null {
  if (compiled === undefined) compiled = compile();
  return compiled;
}

function compile(): string | null {
  if (process.platform !== 'linux') return null;
  const folder = mkdtempSync(join(tmpdir(), 'parley-recorder-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const library = join(folder, 'recorder.so');
  const source = resolve(import.meta.dirname, 'recorder.c');
  try {
    execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl', '-lpthread'], { stdio: 'ignore' });
    return library;
  } catch {
    return null;
  }
}

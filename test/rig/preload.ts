/** Compiles what the rig puts between a process and its system, where there is a compiler. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const compiled = new Map<string, string | null>();

/**
 * @param source a file of C.
 * @returns the library to preload; null where it cannot be made (another system, no gcc). Compiled once a process.
 */
export function preloadLibrary(source: string): string | null {
  let library = compiled.get(source);
  if (library === undefined) compiled.set(source, (library = compile(source)));
  return library;
}

function compile(source: string): string | null {
  if (process.platform !== 'linux') return null;
  const folder = mkdtempSync(join(tmpdir(), 'parley-preload-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const library = join(folder, `${basename(source, '.c')}.so`);
  try {
    execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl', '-lpthread'], { stdio: 'ignore' });
    return library;
  } catch {
    return null;
  }
}

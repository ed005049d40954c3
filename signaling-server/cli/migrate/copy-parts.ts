/** Copies part after part, going on where an earlier run ended. */
import { partNames, partTitles, type Part } from './parts.ts';
import type { Page, Progress, Source, Target } from './sides.ts';

export interface Copied {
  readonly part: Part;
  /** In all, those of earlier runs included. */
  readonly rows: number;
  /** By this run. */
  readonly added: number;
  readonly ms: number;
}

/** Says how a long part goes, now and then. */
export type Tell = (line: string) => void;

const tellEveryMs = 10_000;

export async function* copyParts(source: Source, target: Target, tell: Tell): AsyncGenerator<Copied> {
  for (const part of partNames) {
    const began = performance.now();
    const before = target.progress(part);
    const rows = before.done ? before.rows : await copyPart(source, target, part, tell);
    yield { part, rows, added: rows - before.rows, ms: performance.now() - began };
  }
}

/** The next page is read while the last one is written. @returns how many rows there are now. */
async function copyPart(source: Source, target: Target, part: Part, tell: Tell): Promise<number> {
  let progress: Progress = target.progress(part);
  let told = performance.now();
  let page: Page<Part> | null = await source.page(part, progress.position);
  while (page) {
    const { rows, position } = page;
    progress = { position, rows: progress.rows + rows.length, done: false };
    const writing = target.write(part, rows, progress);
    // Should both fail, the first to be awaited is told of; the other one must not end the process.
    const next: Promise<Page<Part> | null> = source.page(part, position);
    next.catch(() => undefined);
    await writing;
    page = await next;
    if (performance.now() - told < tellEveryMs) continue;
    told = performance.now();
    tell(`${partTitles[part]}: ${progress.rows} so far`);
  }
  await target.write(part, [], { ...progress, done: true });
  return progress.rows;
}

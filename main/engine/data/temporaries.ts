/** Remembers on disk what unfinished work leaves lying about, so that a crash leaves nothing half done behind. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isMissingFile, writeDurably } from '../blobs/durable-files.ts';
import { createTurns } from '../runtime/turns.ts';
import { stored } from '../storage/faults.ts';

export interface Temporaries {
  /** @returns the path with an ending that nothing else has; it is noted before anything can lie there. */
  add(path: string): Promise<string>;
  /** Removes all that were noted, files as well as folders. */
  clean(): Promise<void>;
}

/** Only what ends so is ever removed, whatever the note says. */
const ending = '.parley-part';

const noteSchema = z.array(z.string());

/** @param dataDir of the profile. */
export function createTemporaries(dataDir: string): Temporaries {
  const note = join(dataDir, 'unfinished-data.json');
  const write = (paths: readonly string[]) =>
    stored(() => writeDurably(note, new TextEncoder().encode(JSON.stringify(paths))));

  async function noted(): Promise<string[]> {
    try {
      return noteSchema.parse(JSON.parse(await readFile(note, 'utf8')));
    } catch (error) {
      if (isMissingFile(error) || error instanceof SyntaxError || error instanceof z.ZodError) return [];
      throw error;
    }
  }

  async function add(path: string): Promise<string> {
    const temporary = path + ending;
    await rm(temporary, { recursive: true, force: true });
    await write([...new Set([...(await noted()), temporary])]);
    return temporary;
  }

  async function clean(): Promise<void> {
    const paths = await noted();
    if (paths.length === 0) return;
    for (const path of paths.filter((each) => each.endsWith(ending))) {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    }
    await rm(note, { force: true });
  }

  const turns = createTurns<'note'>();
  return {
    add: (path) => turns.run('note', () => add(path)),
    clean: () => turns.run('note', clean),
  };
}

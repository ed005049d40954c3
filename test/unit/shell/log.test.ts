import { mkdtempSync, readFileSync, rmSync, statSync, existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../main/log.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-log-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the log', () => {
  it('writes one JSON line an event, and mirrors it', () => {
    const file = join(dir, 'deep/main.log');
    const mirrored: string[] = [];
    createLog({ file, now: () => 0, mirror: (line) => mirrored.push(line) }).warn('page.crashed', { exitCode: 5 });
    const line = '{"time":"1970-01-01T00:00:00.000Z","level":"warn","event":"page.crashed","exitCode":5}';
    expect(readFileSync(file, 'utf8')).toBe(`${line}\n`);
    expect(mirrored).toEqual([line]);
  });

  it('stays within its bounds, and keeps the newest lines', () => {
    const file = join(dir, 'main.log');
    const log = createLog({ file, maxBytes: 2_000 });
    for (let count = 0; count < 500; count++) log.info('count', { count });
    expect(statSync(file).size).toBeLessThanOrEqual(2_000);
    expect(statSync(`${file}.old`).size).toBeLessThanOrEqual(2_000);
    expect(readFileSync(file, 'utf8').trimEnd().endsWith('"count":499}')).toBe(true);
  });

  it('counts what an earlier run wrote', () => {
    const file = join(dir, 'main.log');
    for (let run = 0; run < 60; run++) createLog({ file, maxBytes: 1_000 }).info('app.starting', { run });
    expect(statSync(file).size).toBeLessThanOrEqual(1_000);
    expect(existsSync(`${file}.old`)).toBe(true);
  });

  it('is silent when it cannot be written', () => {
    const file = join(dir, 'main.log');
    mkdirSync(file);
    expect(() => createLog({ file }).error('disk.full')).not.toThrow();
  });
});

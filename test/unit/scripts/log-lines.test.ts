/** What a person sees of the relay's and the app's log lines. */
import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { followFile, formatLogLine, isChromiumNoise } from '../../../scripts/log-lines.ts';

test('a JSON line is shown by level, event and details', () => {
  const line = '{"level":30,"time":1,"pid":2,"hostname":"h","msg":"socket.opened","user":"u1","limits":{"a":1}}';
  expect(formatLogLine(line)).toBe('info socket.opened user=u1 limits={"a":1}');
});

test('a level given as a word is shown as it is, and so is a line that is no JSON record', () => {
  expect(formatLogLine('{"level":"warn","msg":"disk.low"}')).toBe('warn disk.low');
  for (const line of ['Listening on 8080', '42', '["a"]', '{"broken']) expect(formatLogLine(line)).toBe(line);
});

test('complaints about a missing desktop are noise, other errors are not', () => {
  expect(isChromiumNoise('[6482:1123/062007.136991:ERROR:bus.cc(407)] Failed to connect to the bus')).toBe(true);
  expect(isChromiumNoise('[1:0101/000000.1:ERROR:dbus/bus.cc(1)] x')).toBe(true);
  expect(isChromiumNoise('[6482:1123/062007.1:ERROR:network_service.cc(9)] bus.cc')).toBe(false);
  expect(isChromiumNoise('Error: bus.cc')).toBe(false);
});

test('a followed file gives whole lines, also those written just before the end', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'parley-log-')), 'relay.log');
  writeFileSync(file, 'first\nsec');
  const lines: string[] = [];
  const stop = followFile(file, (line) => lines.push(line));
  appendFileSync(file, 'ond\n\nthird\nunfinished');
  stop();
  expect(lines).toEqual(['first', 'second', 'third']);
});

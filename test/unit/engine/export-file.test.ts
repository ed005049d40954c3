/** A file that is saved for the person carries what the system is to know of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportFile } from '../../../main/engine/media/export-file.ts';
import type { MediaReader } from '../../../main/engine/media/media-reader.ts';
import { createId, type ConversationId, type MessageId } from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';

const ref = { conversation: createId<ConversationId>(), message: createId<MessageId>(), item: 0 };
const bytes = new Uint8Array([1, 2, 3]);
const facts = {
  name: 'setup.exe',
  kind: 'file',
  dangerous: true,
  inlineType: null,
  held: true,
  savedAs: null,
} as const;
const reader: MediaReader = {
  describe: () => ({ ...facts, bytes: bytes.byteLength }),
  read: (_ref, from, length) => Promise.resolve(bytes.subarray(from, from + length)),
};

test('Windows is told that it came from the internet before it has its name', async () => {
  const path = join(await temporaryFolder(), 'setup.exe');
  await exportFile(reader, ref, path, 'win32');
  expect([...readFileSync(path)]).toEqual([1, 2, 3]);
  // A stream of the file on Windows, which goes along when it is renamed; elsewhere a file of its own.
  expect(readFileSync(`${path}.part:Zone.Identifier`, 'ascii')).toBe('[ZoneTransfer]\r\nZoneId=3\r\n');
});

/** Parts of an export: names, markup, lines. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createUniqueNames } from '../../../main/engine/data/export/unique-names.ts';
import { fileFigure } from '../../../main/engine/data/export/html/file-figure.ts';
import { hrefTo, markup } from '../../../main/engine/data/export/html/markup.ts';
import { messageArticle } from '../../../main/engine/data/export/html/message-article.ts';
import { sizeOf } from '../../../main/engine/data/export/html/words.ts';
import { readJsonLines } from '../../../main/engine/data/import/read-lines.ts';
import type { ArchivedMessage } from '../../../main/engine/storage/archive-table.ts';
import { createId, type DeviceId, type MessageId, type UserId } from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';

describe('names in an export', () => {
  it('are each given once, whatever their case', () => {
    const nameFor = createUniqueNames();
    expect(['a.jpg', 'A.JPG', 'a.jpg', 'a (2).jpg', 'b'].map(nameFor)).toEqual([
      'a.jpg',
      'A (2).JPG',
      'a (3).jpg',
      'a (2) (2).jpg',
      'b',
    ]);
  });

  it('lead into no other folder, and keep their ending when they are too long', () => {
    const nameFor = createUniqueNames();
    expect(nameFor('../../etc/passwd')).toBe('.._.._etc_passwd');
    const long = nameFor(`${'字'.repeat(300)}.webm`);
    expect(long.endsWith('.webm')).toBe(true);
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(255);
  });

  it('stay different in a crowd of the same', () => {
    const nameFor = createUniqueNames();
    const names = Array.from({ length: 2_000 }, () => nameFor('image.jpg'));
    expect(new Set(names).size).toBe(2_000);
  });
});

const message = (changes: Partial<ArchivedMessage>): ArchivedMessage => ({
  rowid: 1,
  seq: 1,
  id: createId<MessageId>(),
  sender: { id: createId<UserId>(), username: 'ann', displayName: 'Ann' },
  own: false,
  device: createId<DeviceId>(),
  kind: 'content',
  time: 0,
  contentKind: 'text',
  text: 'hello',
  payload: new Uint8Array([0]),
  payloadHash: null,
  edited: false,
  deleted: false,
  replyTo: null,
  quote: null,
  ...changes,
});

describe('an exported page', () => {
  const evil = `"><script>alert('1')</script><img src=x onerror=alert(1)>&amp;`;

  it('shows whatever people write as text, in every place', () => {
    const sender = { id: createId<UserId>(), username: evil, displayName: evil };
    const shown = message({ sender, text: evil, replyTo: createId<MessageId>(), quote: { name: evil, text: evil } });
    const item = { item: 0, kind: 'picture' as const, name: evil, type: 'image/png', bytes: 1, blob: null, held: true };
    const pages = [
      messageArticle({ message: shown, items: [], reactions: [{ emoji: evil, count: 1 }], paths: new Map() }),
      fileFigure(item, `files/${evil}`),
      fileFigure(item, null),
    ];
    for (const { html } of pages) {
      expect(html).not.toContain('<script');
      expect(html).not.toContain('<img src=x');
      expect(html).toContain('&lt;script&gt;');
    }
  });

  it('shows pictures, films and sounds in place, and whatever may run as a link only', () => {
    const item = { item: 0, bytes: 1, blob: null, held: true };
    const figure = (kind: 'picture' | 'video' | 'voice' | 'file', name: string, type: string) =>
      fileFigure({ ...item, kind, name, type }, `files/${name}`).html;
    expect(figure('picture', 'a.png', 'image/png')).toContain('<img src="../files/a.png"');
    expect(figure('video', 'a.webm', 'video/webm')).toContain('<video src="../files/a.webm"');
    expect(figure('voice', 'a.webm', 'audio/webm')).toContain('<audio');
    for (const [kind, name, type] of [
      ['picture', 'a.svg', 'image/svg+xml'],
      ['picture', 'a.html', 'image/png'],
      ['file', 'a.exe', 'application/octet-stream'],
    ] as const) {
      const html = figure(kind, name, type);
      expect(html).not.toContain('<img');
      expect(html).toContain('may run a program');
    }
  });

  it('says when a file was not there, and when a message is gone', () => {
    const item = { item: 0, kind: 'file' as const, name: 'a', type: '', bytes: 1, blob: null, held: false };
    expect(fileFigure(item, null).html).toContain('not on this computer');
    const gone = messageArticle({ message: message({ deleted: true }), items: [], reactions: [], paths: new Map() });
    expect(gone.html).toContain('was deleted');
    expect(gone.html).not.toContain('hello');
  });

  it('escapes values, not markup, and links to names with odd characters', () => {
    expect(markup`<p title="${'a"b'}">${markup`<b>${'<'}</b>`}${null}</p>`.html).toBe(
      '<p title="a&quot;b"><b>&lt;</b></p>',
    );
    expect(hrefTo('files/a #1?%.png', 1)).toBe('../files/a%20%231%3F%25.png');
  });

  it('says sizes as people do', () => {
    expect([0, 1, 999, 1_000, 9_949, 999_499, 1_000_000, 2_345_678_901].map(sizeOf)).toEqual([
      '0 bytes',
      '1 byte',
      '999 bytes',
      '1.0 kB',
      '9.9 kB',
      '999 kB',
      '1.0 MB',
      '2.3 GB',
    ]);
  });
});

describe('lines of JSON', () => {
  it('are read one by one; what is no JSON or too long is null, and memory stays bounded', async () => {
    const file = join(await temporaryFolder(), 'lines');
    const long = 'x'.repeat(5 * 1024 * 1024);
    writeFileSync(file, `{"a":1}\n\nnonsense\n"${long}"\n"ü${'y'.repeat(70_000)}"\n[2]`);
    const lines: unknown[] = [];
    for await (const line of readJsonLines(file)) lines.push(line);
    expect(lines).toEqual([{ a: 1 }, null, null, `ü${'y'.repeat(70_000)}`, [2]]);
  });
});

/** What another device says of a file is made safe before anybody sees it, saves it or opens it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDangerous } from '../../../main/engine/media/dangerous.ts';
import { inlineType, plainType } from '../../../main/engine/media/inline-type.ts';
import { mediaItemView } from '../../../main/engine/media/item-view.ts';
import { presentable } from '../../../main/engine/media/presentable.ts';
import { safeName } from '../../../main/engine/media/safe-name.ts';
import { summaryOf, summaryWords } from '../../../main/engine/media/summary.ts';

test.each([
  ['../../etc/passwd', '.._.._etc_passwd'],
  ['C:\\Windows\\system32\\calc.exe', 'C__Windows_system32_calc.exe'],
  ['invoice\u202efdp.exe', 'invoicefdp.exe'],
  ['a\u0000b\nc\u007f.txt', 'abc.txt'],
  ['evil.exe. . .', 'evil.exe'],
  ['  .  ', 'file'],
  ['..', 'file'],
  ['', 'file'],
  ['con', '_con'],
  ['NUL.txt', '_NUL.txt'],
  ['COM¹.log', '_COM¹.log'],
  ['console.txt', 'console.txt'],
  ['what? *now*.md', 'what_ _now_.md'],
  ['e\u0301te\u0301.jpg', 'été.jpg'],
  ['家族 👨‍👩‍👧.png', '家族 👨‍👩‍👧.png'],
  [`half \ud83d.txt`, 'half .txt'],
])('the name %j becomes %j', (name, safe) => {
  expect(safeName(name)).toBe(safe);
});

test('any name becomes one that every system takes, and stays as it is from then on', () => {
  const parts = fc.constantFrom(
    '.',
    ' ',
    '/',
    '\\',
    'con',
    'aux.',
    '\u202e',
    '\u0000',
    '字',
    '👍',
    '.jpg',
    '"',
    'a'.repeat(90),
  );
  const names = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(parts, { maxLength: 12 }).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(names, (name) => {
      const safe = safeName(name);
      expect(Buffer.byteLength(safe)).toBeGreaterThan(0);
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(255);
      expect(safe).not.toMatch(/[/\\<>:"|?*\p{Cc}\u202a-\u202e\u2066-\u2069]|[. ]$|^ /u);
      expect(safe).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
      expect(safeName(safe)).toBe(safe);
    }),
    { numRuns: 500 },
  );
});

test('a long name keeps its ending', () => {
  const name = safeName(`${'字'.repeat(200)}.jpeg`);
  expect(name).toMatch(/^字+\.jpeg$/);
  expect(Buffer.byteLength(name)).toBeGreaterThan(250);
});

test.each([
  ['setup.exe', ''],
  ['holiday.jpg.exe', 'image/jpeg'],
  ['report.pdf.lnk', 'application/pdf'],
  ['PHOTO.JPG.SCR', 'image/jpeg'],
  ['run.sh', ''],
  ['page.HTML', ''],
  ['drawing.svg', ''],
  ['budget.xlsm', ''],
  ['shortcut.desktop', ''],
  ['package.deb', ''],
  ['disk.dmg', ''],
  ['innocent', 'application/x-msdownload'],
  ['innocent', 'text/html'],
  ['innocent', 'image/svg+xml'],
  ['innocent', 'application/vnd.ms-excel.sheet.macroenabled.12'],
])('%s of type %j is dangerous', (name, type) => {
  expect(isDangerous(safeName(name), plainType(type))).toBe(true);
});

test.each([
  ['holiday.jpg', 'image/jpeg'],
  ['www.example.com.jpg', 'image/jpeg'],
  ['notes.txt', 'text/plain'],
  ['report.pdf', 'application/pdf'],
  ['letter.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['film.mp4', 'video/mp4'],
  ['archive.zip', 'application/zip'],
  ['README', ''],
])('%s of type %j is not', (name, type) => {
  expect(isDangerous(safeName(name), plainType(type))).toBe(false);
});

test('a page is given only what fits the list and the kind', () => {
  expect(inlineType('picture', plainType('Image/JPG'))).toBe('image/jpeg');
  expect(inlineType('voice', plainType('audio/webm;codecs=opus'))).toBe('audio/webm');
  expect(inlineType('video', 'video/mp4')).toBe('video/mp4');
  expect(inlineType('picture', 'video/mp4')).toBeNull();
  expect(inlineType('file', 'image/png')).toBeNull();
  expect(inlineType('picture', 'image/svg+xml')).toBeNull();
  expect(inlineType('picture', 'text/html')).toBeNull();
  expect(plainType('nonsense')).toBe('application/octet-stream');
});

test('what cannot be shown safely is a plain file', () => {
  expect(presentable({ kind: 'picture', name: 'a.jpg', type: 'image/jpeg' })).toMatchObject({ kind: 'picture' });
  expect(presentable({ kind: 'picture', name: 'a.jpg.exe', type: 'image/jpeg' })).toMatchObject({ kind: 'file' });
  expect(presentable({ kind: 'picture', name: 'a.svg', type: 'image/svg+xml' })).toMatchObject({ kind: 'file' });
  expect(presentable({ kind: 'video', name: 'a.mkv', type: 'video/x-matroska' })).toMatchObject({ kind: 'file' });
});

test('a thumbnail is shown only if its bytes are those of a picture', () => {
  const known = {
    item: 0,
    kind: 'picture',
    name: 'a.jpg',
    type: 'image/jpeg',
    bytes: 1,
    blob: null,
    held: true,
  } as const;
  const shown = (thumbnail: Uint8Array) => mediaItemView({ ...known, thumbnail }, null).thumbnail;
  expect(shown(new Uint8Array([0xff, 0xd8, 0xff, 0xdb]))).toMatch(/^data:image\/jpeg;base64,/);
  expect(shown(Buffer.from('RIFF\x04\x00\x00\x00WEBPVP8 ', 'latin1'))).toMatch(/^data:image\/webp;base64,/);
  expect(shown(Buffer.from('RIFF\x04\x00\x00\x00WAVEfmt ', 'latin1'))).toBeNull();
  expect(shown(Buffer.from('<svg onload="alert(1)">'))).toBeNull();
  expect(shown(new Uint8Array())).toBeNull();
});

test('a line of words stands for files', () => {
  const file = (kind: 'picture' | 'voice' | 'file', name = 'a') => ({ kind, name });
  const words = (...items: ReturnType<typeof file>[]) => {
    const summary = summaryOf(items);
    return summary && summaryWords(summary);
  };
  expect(words(file('picture'))).toBe('Photo');
  expect(words(file('picture'), file('picture'))).toBe('2 photos');
  expect(words(file('voice'))).toBe('Voice message');
  expect(words(file('file', 'report.pdf'))).toBe('report.pdf');
  expect(words(file('picture'), file('file'))).toBe('2 files');
  expect(words()).toBeNull();
});

import { describe, expect, it } from 'vitest';
import { allowedLink } from '../../../main/link-policy.ts';
import { isAllowedRequest, pageFile } from '../../../main/page-files.ts';
import { isPermitted } from '../../../main/permission-policy.ts';

describe('links that may leave Parley', () => {
  it.each(['https://example.org/a?b#c', 'http://example.org/', 'mailto:ann@example.org'])('lets %s go', (link) => {
    expect(allowedLink(link)).toBe(link);
  });

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'smb://host/share',
    'ms-msdt:/id',
    'vbscript:x',
    'parley://relay/x',
    'parley-app://app/index.html',
    'https://user:secret@example.org/',
    'example.org',
    '',
    '//example.org',
  ])('keeps %s', (link) => {
    expect(allowedLink(link)).toBeNull();
  });
});

describe('the files behind page addresses', () => {
  it('finds a page and what it loads', () => {
    expect(pageFile('parley-app://app/index.html', '/pages')).toBe('/pages/app/index.html');
    expect(pageFile('parley-app://peer/index.html', '/pages')).toBe('/pages/peer/index.html');
    expect(pageFile('parley-app://app/assets/a%20b.js?v=1#x', '/pages')).toBe('/pages/app/assets/a b.js');
  });

  it.each([
    'parley-app://app/',
    'parley-app://other/index.html',
    'parley-app://app:81/index.html',
    'https://app/index.html',
    'file:///pages/app/index.html',
    'parley-app://app/secret.txt',
    'parley-app://app/%00.html',
    'parley-app://app/%ff.html',
    'parley-app://app/..%2f..%2fmain%2findex.js',
    'parley-app://app/..%5c..%5cmain%5cindex.js',
    'parley-app://app/%2e%2e/%2e%2e/%2e%2e/x/index.js/..%2f..%2f..%2f..%2fetc/x.json',
    'nonsense',
  ])('has nothing for %s', (address) => {
    const file = pageFile(address, '/pages');
    expect(file === null || file.startsWith('/pages/app/')).toBe(true);
    if (!address.includes('%2e%2e/')) expect(file).toBeNull();
  });
});

const appPage = 'parley-app://app/index.html';
const peerPage = 'parley-app://peer/index.html';
const file = 'parley-media://file/0197e0f2-0000-7000-8000-000000000001/0197e0f2-0000-7000-8000-000000000002/0';

describe('requests of pages', () => {
  it('go to the own files, and those of the app page to files of messages', () => {
    for (const address of [appPage, 'blob:parley-app://app/0f0f', 'data:text/plain,x', file]) {
      expect(isAllowedRequest(address, appPage), address).toBe(true);
    }
    for (const address of [
      'https://example.org/',
      'http://127.0.0.1:8080/',
      'ws://127.0.0.1/',
      'file:///etc/passwd',
      'parley-app://application/',
      peerPage,
      'parley-media://other/',
      'blob:https://example.org/1',
    ]) {
      expect(isAllowedRequest(address, appPage), address).toBe(false);
    }
  });

  it('of the peer page go to its own files only', () => {
    expect(isAllowedRequest('parley-app://peer/assets/a.js', peerPage)).toBe(true);
    for (const address of [file, appPage, 'blob:parley-app://app/0f0f', 'https://example.org/']) {
      expect(isAllowedRequest(address, peerPage), address).toBe(false);
    }
  });

  it('of nobody’s load pages, and of strangers nothing', () => {
    expect([appPage, peerPage].map((address) => isAllowedRequest(address, null))).toEqual([true, true]);
    expect([file, 'https://example.org/'].map((address) => isAllowedRequest(address, null))).toEqual([false, false]);
    for (const stranger of ['https://example.org/', 'parley-app://app.example.org/', 'parley-app://application/', '']) {
      expect(isAllowedRequest(file, stranger), stranger).toBe(false);
    }
  });
});

describe('permissions', () => {
  const wish = { permission: 'media', asking: `${appPage}#x`, isMainFrame: true, media: ['audio'] };

  it.each([
    wish,
    { ...wish, asking: 'parley-app://app' },
    { ...wish, asking: 'parley-app://app/' },
    { ...wish, permission: 'clipboard-sanitized-write', media: [] },
    { ...wish, permission: 'fullscreen', media: [] },
  ])('give the app page what it needs: %o', (wanted) => expect(isPermitted(wanted)).toBe(true));

  it.each([
    { ...wish, media: ['video'] },
    { ...wish, media: ['audio', 'video'] },
    { ...wish, media: [] },
    { ...wish, media: ['unknown'] },
    { ...wish, isMainFrame: false },
    { ...wish, asking: peerPage },
    { ...wish, asking: 'parley-app://app.example.org/' },
    { ...wish, asking: '' },
    { ...wish, permission: 'clipboard-read' },
    { ...wish, permission: 'geolocation' },
    { ...wish, permission: 'display-capture' },
    { ...wish, asking: peerPage, permission: 'clipboard-sanitized-write' },
  ])('are refused otherwise: %o', (wanted) => expect(isPermitted(wanted)).toBe(false));
});

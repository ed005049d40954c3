import { describe, expect, it } from 'vitest';
import { allowedLink } from '../../../main/link-policy.ts';
import { isAllowedRequest, pageFile } from '../../../main/page-files.ts';

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

describe('requests of pages', () => {
  it('go to the own files only', () => {
    expect(isAllowedRequest('parley-app://app/index.html')).toBe(true);
    expect(isAllowedRequest('blob:parley-app://app/0f0f')).toBe(true);
    for (const address of [
      'https://example.org/',
      'http://127.0.0.1:8080/',
      'ws://127.0.0.1/',
      'file:///etc/passwd',
      'parley-app://application/',
      'blob:https://example.org/1',
    ]) {
      expect(isAllowedRequest(address), address).toBe(false);
    }
  });
});

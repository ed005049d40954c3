/** Small decisions taken from the environment: the cache's place, the display, the SQLite binding, Node's headers. */
import { expect, test } from 'vitest';
import { hasNativeDisplay, localSocketOf } from '../../../scripts/display.ts';
import { headerCandidates } from '../../../scripts/node-headers.ts';
import { cacheDir } from '../../../scripts/project.ts';
import { needsOwnBinding } from '../../../scripts/sqlite-binding.ts';

test('the cache lies where the environment says, else in the home folder', () => {
  expect(cacheDir({ PARLEY_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b' }, '/home/x')).toBe('/a');
  expect(cacheDir({ XDG_CACHE_HOME: '/b' }, '/home/x')).toBe('/b/parley');
  expect(cacheDir({}, '/home/x')).toBe('/home/x/.cache/parley');
});

test('a local display has a socket, one on another host has none', () => {
  expect(localSocketOf(':0')).toBe('/tmp/.X11-unix/X0');
  expect(localSocketOf(':12.1')).toBe('/tmp/.X11-unix/X12');
  expect(localSocketOf('desk.example:10.0')).toBeUndefined();
});

test('a display that is set but gone does not count', async () => {
  expect(await hasNativeDisplay({ DISPLAY: ':59999' }, 'linux')).toBe(false);
  expect(await hasNativeDisplay({}, 'linux')).toBe(false);
  expect(await hasNativeDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true);
  expect(await hasNativeDisplay({}, 'darwin')).toBe(true);
});

test('only an Electron older than Node-API 10 needs a binding of its own', () => {
  expect(['33.2.1', '34.5.8', '35.0.0', '45.4.1', 'unknown'].map(needsOwnBinding)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('configured Node headers are looked at first, the system ones last', () => {
  const candidates = headerCandidates({ npm_config_nodedir: '/opt/node', PATH: '/nowhere' });
  expect(candidates).toEqual(['/opt/node', '/usr/local', '/usr']);
});

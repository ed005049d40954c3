/** What is read from the system's tools, and what a person is told when packages are missing. */
import { expect, test } from 'vitest';
import {
  installPackages,
  parseCandidates,
  parseMissingLibraries,
  releaseNames,
  type PackageManager,
} from '../../../scripts/system-packages.ts';

const noApt: PackageManager = {
  present: false,
  canInstall: false,
  available: async () => new Set(),
  install: () => Promise.reject(new Error('was called')),
};

test('libraries that the loader does not find are named', () => {
  const output = `	linux-vdso.so.1 (0x00007ffd)
	libffmpeg.so => /opt/electron/libffmpeg.so (0x00007f1)
	libgtk-3.so.0 => not found
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f0)
	libasound.so.2 => not found
	/lib64/ld-linux-x86-64.so.2 (0x00007f5)
`;
  expect(parseMissingLibraries(output)).toEqual(['libgtk-3.so.0', 'libasound.so.2']);
  expect(parseMissingLibraries('	statically linked\n')).toEqual([]);
});

test('packages with a candidate are available, those without are not', () => {
  const policy = `libasound2:
  Installed: (none)
  Candidate: (none)
  Version table:
libasound2t64:
  Installed: 1.2.11-1
  Candidate: 1.2.11-1
  Version table:
 *** 1.2.11-1 500
xvfb:
  Installed: (none)
  Candidate: 2:21.1.7
`;
  expect(parseCandidates(policy)).toEqual(new Set(['libasound2t64', 'xvfb']));
});

test('releases that renamed a package are asked for the new name', () => {
  expect(releaseNames(['libasound2', 'xvfb'], new Set(['libasound2t64', 'xvfb']))).toEqual(['libasound2t64', 'xvfb']);
});

test('without root the exact command is named', async () => {
  const apt = { ...noApt, present: true, available: async () => new Set(['xvfb']) };
  const refused = installPackages(['xvfb'], 'Missing on this system: Xvfb.', () => {}, apt);
  await expect(refused).rejects.toThrow(
    'Missing on this system: Xvfb.\nInstall them with:\n' +
      '  sudo apt-get update && sudo apt-get install -y --no-install-recommends xvfb',
  );
});

test('without apt the packages are named', async () => {
  await expect(installPackages(['xvfb', 'libnss3'], 'Missing.', () => {}, noApt)).rejects.toThrow(/xvfb libnss3/);
});

test('with root they are installed', async () => {
  const installed: string[] = [];
  const install = async (names: readonly string[]) => void installed.push(...names);
  await installPackages(['xvfb'], 'Missing.', () => {}, { ...noApt, present: true, canInstall: true, install });
  expect(installed).toEqual(['xvfb']);
});

import { expect, test } from '@playwright/test';
import { probeBridge } from '../support/bridge-probe.ts';
import { appPageUrl, launchParley, type ParleyApp } from '../support/electron-app.ts';

let parley: ParleyApp;
test.beforeAll(async () => {
  // So that a refusal is one, and not for want of a device.
  parley = await launchParley({ args: ['--use-fake-device-for-media-stream'] });
});
test.afterAll(() => parley.close());

/** Records what would be opened in the system's programs, in place of opening it. */
function recordOpenedLinks(): Promise<void> {
  return parley.app.evaluate(({ shell }) => {
    const opened: string[] = [];
    Object.assign(globalThis, { openedLinks: opened });
    shell.openExternal = (url) => {
      opened.push(url);
      return Promise.resolve();
    };
  });
}

function openedLinks(): Promise<string[]> {
  return parley.app.evaluate(() => (globalThis as unknown as { openedLinks: string[] }).openedLinks);
}

test('the page is sandboxed, isolated and without Node', async () => {
  const preferences = await parley.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map(({ webContents }) => {
      const contents = webContents as unknown as { getLastWebPreferences(): Electron.WebPreferences };
      const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag };
    }),
  );
  expect(preferences).toEqual([
    { sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false },
  ]);
  const visible = await parley.page.evaluate(() =>
    ['process', 'require', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].filter(
      (name) => name in globalThis,
    ),
  );
  expect(visible).toEqual([]);
});

test('neither inline scripts nor evaluated text run in the page', async () => {
  const ran = await parley.page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.inlineRan = true';
    document.head.append(script);
    const button = document.createElement('button');
    button.setAttribute('onclick', 'globalThis.attributeRan = true');
    button.click();
    // Out of the test's own evaluation, which the policy lets through.
    const evaluated = await new Promise((resolve) => {
      setTimeout(() => {
        try {
          resolve(new Function('return "ran"')());
        } catch (error) {
          resolve((error as Error).name);
        }
      });
    });
    return { inline: 'inlineRan' in globalThis, attribute: 'attributeRan' in globalThis, evaluated };
  });
  expect(ran).toEqual({ inline: false, attribute: false, evaluated: 'EvalError' });
});

test('the page reaches no network, no file and no other page', async () => {
  const failed = await parley.page.evaluate(async () => {
    const addresses = [
      'http://127.0.0.1:9/',
      'https://example.org/',
      'file:///etc/passwd',
      'parley-app://other/index.html',
      'parley-app://peer/index.html',
    ];
    const outcomes = addresses.map((address) =>
      fetch(address).then(
        () => 'reached',
        () => 'refused',
      ),
    );
    return Promise.all(outcomes);
  });
  expect(failed).toEqual(Array(5).fill('refused'));
});

test('only the files of the page are behind its addresses', async () => {
  const statuses = await parley.app.evaluate(({ net }) =>
    Promise.all(
      ['index.html', 'nothing.js', '..%2f..%2f..%2fmain%2findex.js', '%2e%2e%5cpreload%5cpreload.cjs'].map(
        async (path) => (await net.fetch(`parley-app://app/${path}`)).status,
      ),
    ),
  );
  expect(statuses).toEqual([200, 404, 404, 404]);
});

test('the page cannot be led away from its address', async () => {
  await parley.page.evaluate(() => {
    window.location.href = 'https://example.org/';
  });
  await parley.page.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'file:///etc/passwd';
    document.body.append(link);
    link.click();
    link.remove();
  });
  await parley.page.waitForFunction(() => document.readyState === 'complete');
  expect(parley.page.url().startsWith(appPageUrl)).toBe(true);
});

test('no window opens from the page; https links go to the system’s browser', async () => {
  await recordOpenedLinks();
  const opened = await parley.page.evaluate(() =>
    ['https://example.org/a', 'file:///etc/passwd', 'parley-app://app/index.html', 'about:blank', 'ms-settings:x'].map(
      (url) => window.open(url) !== null,
    ),
  );
  expect(opened).toEqual([false, false, false, false, false]);
  await expect.poll(openedLinks).toEqual(['https://example.org/a']);
  expect(await parley.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test('links are opened on request only when they are web or mail links', async () => {
  await recordOpenedLinks();
  const probe = await probeBridge(parley.page);
  await probe.shell('links.open', { url: 'mailto:ann@example.org' });
  for (const url of ['file:///etc/passwd', 'javascript:alert(1)', 'smb://host/share']) {
    expect(await probe.rawShell('links.open', { url })).toMatchObject({ ok: false, code: 'forbidden' });
  }
  expect(await openedLinks()).toEqual(['mailto:ann@example.org']);
});

test('inputs from the page are parsed: wrong ones and unknown commands change nothing', async () => {
  const probe = await probeBridge(parley.page);
  const before = await probe.shell('settings.get');
  for (const input of [{ theme: 'purple' }, { textScale: 1e9 }, null, 'dark', { listWidth: '320' }]) {
    expect(await probe.rawShell('settings.set', input)).toMatchObject({ ok: false, code: 'bad_request' });
  }
  for (const name of ['nothing.there', 'constructor', '__proto__', 'toString']) {
    expect(await probe.rawShell(name, {})).toMatchObject({ ok: false, code: 'bad_request' });
  }
  expect(await probe.shell('settings.get')).toEqual(before);
});

test('the page may record sound, put a picture on the clipboard and fill the screen; nothing else', async () => {
  // The clipboard is for the page that has the focus, which no window manager gives here.
  const devTools = await parley.page.context().newCDPSession(parley.page);
  await devTools.send('Emulation.setFocusEmulationEnabled', { enabled: true });
  const answers = await parley.page.evaluate(async () => {
    const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'failed');
    const record = (wish: MediaStreamConstraints): Promise<string> =>
      navigator.mediaDevices.getUserMedia(wish).then((stream) => {
        for (const track of stream.getTracks()) track.stop();
        return 'given';
      }, nameOf);
    const canvas = document.createElement('canvas');
    const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
    return {
      microphone: await record({ audio: true }),
      camera: await record({ video: true }),
      both: await record({ audio: true, video: true }),
      screen: await navigator.mediaDevices.getDisplayMedia().then(() => 'given', nameOf),
      place: await new Promise((resolve) =>
        navigator.geolocation.getCurrentPosition(
          () => resolve('given'),
          ({ code }) => resolve(code),
        ),
      ),
      notification: await Notification.requestPermission(),
      readClipboard: await navigator.clipboard.readText().then(() => 'given', nameOf),
      writeClipboard: await navigator.clipboard
        .write([new ClipboardItem({ 'image/png': picture ?? '' })])
        .then(() => 'given', nameOf),
    };
  });
  expect(answers).toEqual({
    microphone: 'given',
    camera: 'NotAllowedError',
    both: 'NotAllowedError',
    screen: 'NotAllowedError',
    place: 1,
    notification: 'denied',
    readClipboard: 'NotAllowedError',
    writeClipboard: 'given',
  });
});

test('a film fills the screen when the person asks for it', async () => {
  await parley.page.evaluate(() => {
    document.addEventListener('keydown', () => void document.documentElement.requestFullscreen(), { once: true });
  });
  await parley.page.keyboard.press('f');
  await parley.page.waitForFunction(() => document.fullscreenElement !== null);
  await parley.page.evaluate(() => document.exitFullscreen());
});

test('the page downloads nothing', async () => {
  const cancelled = await parley.app.evaluate(
    ({ BrowserWindow, session }) =>
      new Promise((resolve) => {
        session.defaultSession.once('will-download', (event) => resolve(event.defaultPrevented));
        BrowserWindow.getAllWindows()[0]?.webContents.downloadURL('data:text/plain,secret');
      }),
  );
  expect(cancelled).toBe(true);
});

/** The only code between the pages and Electron: fetches their ports, and the app page's leave to read chosen files. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { bridgeChannels, bridgeMessages, filesKey, type PageFiles } from './channels.ts';
import { appPageOrigin } from './page-addresses.ts';

window.addEventListener('message', (event) => {
  if (event.source !== window || event.data !== bridgeMessages.connect) return;
  ipcRenderer.send(bridgeChannels.connect);
});

ipcRenderer.on(bridgeChannels.ports, (event) => {
  window.postMessage(bridgeMessages.ports, window.location.origin, event.ports);
});

if (window.location.origin === appPageOrigin) {
  window.addEventListener('online', () => ipcRenderer.send(bridgeChannels.online));
  contextBridge.exposeInMainWorld(filesKey, { grant: grantFile } satisfies PageFiles);
}

/** The page hands over a `File`; only here, out of its reach, does that become a path. */
async function grantFile(file: unknown): ReturnType<PageFiles['grant']> {
  const path = pathOf(file);
  return path === '' ? null : ipcRenderer.invoke(bridgeChannels.grantFile, path);
}

/** @returns an empty text for what is no file of this computer, such as one that the page made itself. */
function pathOf(file: unknown): string {
  try {
    return file instanceof File ? webUtils.getPathForFile(file) : '';
  } catch {
    return '';
  }
}

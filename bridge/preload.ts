/** The only code between the page and Electron: asks the shell for ports when the page wants them, and hands them on. */
import { ipcRenderer } from 'electron';
import { bridgeChannels, bridgeMessages } from './channels.ts';

window.addEventListener('message', (event) => {
  if (event.source !== window || event.data !== bridgeMessages.connect) return;
  ipcRenderer.send(bridgeChannels.connect);
});

ipcRenderer.on(bridgeChannels.ports, (event) => {
  window.postMessage(bridgeMessages.ports, window.location.origin, event.ports);
});

window.addEventListener('online', () => ipcRenderer.send(bridgeChannels.online));

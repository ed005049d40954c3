/** Makes Parley the system's program for `parley://` links. */
import { app } from 'electron';

/** @param onLink gets those that macOS hands over; elsewhere links come as arguments. Before `ready`. */
export function setupDeepLinks(onLink: (link: string) => void): void {
  if (app.isPackaged) app.setAsDefaultProtocolClient('parley');
  app.on('open-url', (event, link) => {
    event.preventDefault();
    onLink(link);
  });
}

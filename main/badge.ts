/** The number of unread messages, wherever the system lets an app show it. */
import { join } from 'node:path';
import { app, nativeImage, type BrowserWindow } from 'electron';

/** For tooltips and screen readers. */
export function unreadLabel(total: number): string {
  return total === 1 ? '1 unread message' : `${total} unread messages`;
}

/** Windows has no number of its own for icons: a dot with a description stands there. */
export function createBadge(window: BrowserWindow, trayDir: string, platform: NodeJS.Platform) {
  const dot = nativeImage.createFromPath(join(trayDir, 'overlay-unread.png'));
  return (total: number): void => {
    if (window.isDestroyed()) return;
    if (platform === 'win32') window.setOverlayIcon(total > 0 ? dot : null, total > 0 ? unreadLabel(total) : '');
    else app.setBadgeCount(total);
  };
}

/** Tells every mark the number, also those that come later. */
export function createUnreadMarks() {
  const marks: ((total: number) => void)[] = [];
  let current = 0;
  return {
    set(total: number): void {
      current = total;
      for (const mark of marks) mark(total);
    },
    add(mark: (total: number) => void): void {
      marks.push(mark);
      mark(current);
    },
  };
}

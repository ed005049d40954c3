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

export interface UnreadMarks {
  set(total: number): void;
  /** Also a mark that comes later is told the number. */
  add(mark: (total: number) => void): void;
}

export function createUnreadMarks(): UnreadMarks {
  const marks: ((total: number) => void)[] = [];
  let current = 0;
  return {
    set(total) {
      current = total;
      for (const mark of marks) mark(total);
    },
    add(mark) {
      marks.push(mark);
      mark(current);
    },
  };
}

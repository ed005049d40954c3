/** The few things that a page may have of what Chromium asks permission for. */
import { appPageOrigin, isOfPage } from '../bridge/page-addresses.ts';

export interface PermissionWish {
  readonly permission: string;
  /** Address or origin of the frame that asks. */
  readonly asking: string;
  readonly isMainFrame: boolean;
  /** For `media`: what is to be recorded. */
  readonly media: readonly string[];
}

/**
 * The app page may record sound (not pictures), put pictures on the clipboard (not read it), and show a film on the
 * whole screen. The peer page may nothing.
 */
export function isPermitted({ permission, asking, isMainFrame, media }: PermissionWish): boolean {
  if (!isMainFrame || !isOfPage(appPageOrigin, asking)) return false;
  if (permission === 'media') return media.length > 0 && media.every((kind) => kind === 'audio');
  return permission === 'clipboard-sanitized-write' || permission === 'fullscreen';
}

/** The few names by which page, preload and shell arrange their ports; all else goes over the ports. */
import type { FileGrant } from './media-views.ts';

/** Between preload and shell. */
export const bridgeChannels = {
  /** Preload to shell: the page wants ports. */
  connect: 'bridge.connect',
  /** Shell to preload, with two ports: the engine's, the shell's. */
  ports: 'bridge.ports',
  /** Preload to shell: the system has a network again. */
  online: 'bridge.online',
  /** Preload to shell, with the path of a file that the person chose: answers with its grant, or null. */
  grantFile: 'bridge.grant-file',
} as const;

/** What the preload puts into the app page's world, under `filesKey` of the window. */
export interface PageFiles {
  /** @param file a `File` that the person chose, dropped or pasted. @returns null for one without a place on this computer. */
  grant(file: unknown): Promise<FileGrant | null>;
}
export const filesKey = 'parleyFiles';

/** Between page and preload, as messages of the window. */
export const bridgeMessages = {
  connect: 'parley.bridge.connect',
  ports: 'parley.bridge.ports',
} as const;

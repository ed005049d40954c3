/** The few names by which page, preload and shell arrange their ports; all else goes over the ports. */

/** Between preload and shell. */
export const bridgeChannels = {
  /** Preload to shell: the page wants ports. */
  connect: 'bridge.connect',
  /** Shell to preload, with two ports: the engine's, the shell's. */
  ports: 'bridge.ports',
  /** Preload to shell: the system has a network again. */
  online: 'bridge.online',
} as const;

/** Between page and preload, as messages of the window. */
export const bridgeMessages = {
  connect: 'parley.bridge.connect',
  ports: 'parley.bridge.ports',
} as const;

/** Sets up the WebSocket server as the hub needs it. */
import { limits } from '../../protocol/index.ts';
import type { WebSocketServer } from 'ws';

/**
 * To be called right after creation: node-ws takes no options, and the defaults allow messages of 100 MiB.
 * The hub itself refuses messages above `clientFrameBytes`, by name and with a coded close; only what is far larger
 * is cut off by the library, with 1009.
 */
export function configureWebSocketServer(server: WebSocketServer): void {
  server.options.maxPayload = 2 * limits.clientFrameBytes;
  server.options.perMessageDeflate = false;
}

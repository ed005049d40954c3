/** Ends a request whose body nobody wants to read. */
import type { IncomingMessage } from 'node:http';

/** Long enough for the answer to be read, which a reset connection would throw away. */
const lingerMs = 1_000;

/**
 * Takes no further byte of the body, so that the sender is held back by TCP itself, and closes the connection soon
 * after. Closing at once would reset it and lose the answer (RFC 9112, 9.6).
 */
export function stopReading(incoming: IncomingMessage | undefined): void {
  if (!incoming) return;
  // Node reads a body that nobody touched to its end once the answer is sent: a listener makes it touched.
  incoming.on('data', () => {});
  incoming.pause();
  setTimeout(() => incoming.socket.destroy(), lingerMs).unref();
}

/** A network in which nothing answers. */
import type { SocketFactory } from '../../main/engine/connection/socket.ts';

export const unreachable: SocketFactory = (_url, events) => {
  setImmediate(() => {
    events.onError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    events.onClose(1006);
  });
  return { send() {}, bufferedBytes: 0, pause() {}, resume() {}, close() {}, terminate() {} };
};

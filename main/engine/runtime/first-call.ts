/** Tells when a page begins to talk: by then it listens, and nothing that is told to it gets lost. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Port } from '../../../bridge/rpc.ts';

/** The same port; `run` follows, once, a turn after the first call came in. */
export function afterFirstCall(port: Port, run: () => void): Port {
  let called = false;
  return {
    post: (message) => port.post(message),
    onClose: (listener) => port.onClose(listener),
    close: () => port.close(),
    listen(listener) {
      port.listen((message) => {
        listener(message);
        if (called || (message as { type?: unknown } | null)?.type !== 'call') return;
        called = true;
        void nextTurn().then(run);
      });
    },
  };
}

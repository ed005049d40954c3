/** Runs as a process: the engine's link to a relay, in sync and then quiet. Says `quiet`, and `down CODE` when it is over. */
import { openLink } from '../../main/engine/connection/link.ts';
import { openSocket, type SocketFactory } from '../../main/engine/connection/socket.ts';
import { systemClock } from '../../main/engine/runtime/clock.ts';

const [base = '', token = ''] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
let asked = false;

/** The answer to the last question is the last thing that is said. */
const watched: SocketFactory = (url, events) =>
  openSocket(url, {
    ...events,
    onMessage(bytes) {
      events.onMessage(bytes);
      if (asked) say('quiet');
      asked = false;
    },
  });

const link = openLink({
  url: `${base.replace(/^http/, 'ws')}/v1/socket`,
  base,
  token,
  generation: 0,
  appVersion: '0',
  clock: systemClock,
  openSocket: watched,
  events: {
    onWelcome: () => link.send({ type: 'sync', have: [], last: true }),
    onFrames(frames) {
      if (!frames.some(({ type }) => type === 'synced')) return;
      link.probe();
      setImmediate(() => (asked = true));
    },
    onDown: ({ code }) => say(`down ${code}`),
  },
});

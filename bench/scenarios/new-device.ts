/** A second device of an account with a long history, and a device that was away for long: when can they be used, when are they complete? */
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createHeadlessClient } from '../../main/engine/headless.ts';
import type { UserId } from '../../protocol/index.ts';
import type { NewDeviceOrder, NewDeviceReport } from '../load/new-device.ts';
import { MeasuredProcess } from '../relays/process.ts';
import { seedAcquaintances, withStore } from '../relays/seed.ts';
import { generatorCore, startParley } from '../relays/start.ts';
import { freePort } from '../../test/support/free-port.ts';
import { ms, withTempDir, type Figure, type Scenario } from './scenario.ts';

const conversations = 1_000;
const messagesEach = 100;
const messages = conversations * messagesEach;
const password = 'correct horse battery';
const username = 'reader';

/** Makes the account, with a device that has nothing yet. */
async function register(dataDir: string, address: string): Promise<UserId> {
  const client = await createHeadlessClient({
    dataDir,
    address,
    username,
    password,
    register: { displayName: 'Reader' },
  });
  const session = await client.invoke('session.get');
  await client.stop();
  if (session.state !== 'signed-in') throw new Error('The account was not made.');
  return session.account.id;
}

async function runEngine(order: NewDeviceOrder): Promise<NewDeviceReport> {
  const engine = new MeasuredProcess(generatorCore, ['bench/load/new-device.ts', JSON.stringify(order)], 'pipe');
  if (!engine.child.stdout) throw new Error('The engine has no output.');
  const [output] = await Promise.all([text(engine.child.stdout), once(engine.child, 'exit')]);
  return JSON.parse(output) as NewDeviceReport;
}

function figures(who: string, { usableMs, completeMs, pageMs, loopP99Ms }: NewDeviceReport): Figure[] {
  const history = `${messages.toLocaleString('en')} messages in ${conversations.toLocaleString('en')} conversations`;
  return [
    {
      what: `${who}, ${history}: the newest conversations with their last messages`,
      parley: ms(usableMs),
      baseline: null,
      bound: '≤ 5 s',
      met: usableMs <= 5_000,
    },
    {
      what: `${who}: complete`,
      parley: `${ms(completeMs)}; meanwhile a page in ${ms(pageMs)} (p99), event loop p99 ${ms(loopP99Ms)}`,
      baseline: null,
      bound: '≤ 30 s',
      met: completeMs <= 30_000,
    },
  ];
}

export const newDeviceScenario: Scenario = {
  describe: `a new device, and one that was away, with ${messages} messages in ${conversations} conversations`,
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const relayDir = join(dir, 'relay');
      const port = await freePort();
      const first = await startParley(relayDir, { port });
      const user = await register(join(dir, 'away'), first.address);
      await first.process.stop();
      await withStore(relayDir, (store) => seedAcquaintances(store, user, conversations, messagesEach));
      const relay = await startParley(relayDir, { port });
      const account = { address: relay.address, username, password, conversations, messagesEach };
      try {
        const fresh = await runEngine({ ...account, dataDir: join(dir, 'fresh') });
        const away = await runEngine({ ...account, dataDir: join(dir, 'away') });
        return [...figures('new device', fresh), ...figures('away for long', away)];
      } finally {
        await relay.process.stop();
      }
    }),
};

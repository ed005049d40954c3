/** The engine after a long absence: 100,000 missed messages received, stored, indexed and shown. */
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createHeadlessClient, type HeadlessClient } from '../../main/engine/headless.ts';
import type { EngineOrder, EngineReport } from '../load/engine-catch-up.ts';
import type { LoadPerson } from '../load/people.ts';
import { MeasuredProcess } from '../relays/process.ts';
import { seedHistory, withStore } from '../relays/seed.ts';
import { generatorCore, startParley } from '../relays/start.ts';
import { freePort } from '../../test/support/free-port.ts';
import { ms, perSecond, withTempDir, type Figure, type Scenario } from './scenario.ts';

const messages = 100_000;
const password = 'correct horse battery';

/** Two accounts with a conversation; both engines are closed again. @returns the writer, and what the reader is to catch up. */
async function prepare(dir: string, address: string): Promise<{ writer: LoadPerson; order: EngineOrder }> {
  const register = (username: string): Promise<HeadlessClient> =>
    createHeadlessClient({
      dataDir: join(dir, username),
      address,
      username,
      password,
      register: { displayName: username },
    });
  const [reader, writing] = [await register('reader'), await register('writer')];
  const session = await writing.invoke('session.get');
  const [person] = await writing.invoke('people.search', { query: 'reader' });
  if (session.state !== 'signed-in' || !person) throw new Error('The two did not find each other.');
  const { id: conversation } = await writing.invoke('conversations.start', { user: person.id });
  await reader.stop();
  await writing.stop();
  const writer = { user: session.account.id, device: session.device, token: '', conversation };
  return { writer, order: { dataDir: join(dir, 'reader'), conversation, messages } };
}

async function runEngine(order: EngineOrder): Promise<EngineReport> {
  const engine = new MeasuredProcess(generatorCore, ['bench/load/engine-catch-up.ts', JSON.stringify(order)], 'pipe');
  if (!engine.child.stdout) throw new Error('The engine has no output.');
  const [output] = await Promise.all([text(engine.child.stdout), once(engine.child, 'exit')]);
  return JSON.parse(output) as EngineReport;
}

export const engineScenario: Scenario = {
  describe: `one engine catches up on ${messages} messages`,
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const relayDir = join(dir, 'relay');
      const port = await freePort();
      const first = await startParley(relayDir, { port });
      const { writer, order } = await prepare(dir, first.address);
      await first.process.stop();
      await withStore(relayDir, (store) => seedHistory(store, writer, messages));
      const relay = await startParley(relayDir, { port });
      const { caughtUpMs, pageMs, loopP99Ms } = await runEngine(order).finally(() => relay.process.stop());
      const rate = messages / (caughtUpMs / 1_000);
      return [
        {
          what: `engine: ${messages.toLocaleString('en')} missed messages stored, indexed, shown`,
          parley: `${perSecond(rate)}, then a page in ${ms(pageMs)}, event loop p99 ${ms(loopP99Ms)}`,
          baseline: null,
          bound: '≥ 5,000 /s',
          met: rate >= 5_000,
        },
      ];
    }),
};

/** A node that is told to stop while its engines hang stops in order, in the time that supervisors give it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createId, type ConversationId, type MessageId } from '../../../protocol/index.ts';
import { hasNatsServer } from '../../../scripts/engine-programs.ts';
import { startNats, type NatsServer } from '../../support/nats-server.ts';
import { helloFrame, openPlainClient, registerAt } from '../../support/plain-client.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../../support/postgres-server.ts';
import { spawnRelay } from '../../support/start-relay.ts';

const stopTimeoutMs = 1_000;

let postgres: PostgresServer;
let nats: NatsServer;
beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres({ fsync: false }), startNats()]);
});
afterAll(async () => {
  postgres.resume();
  nats.resume();
  await Promise.all([postgres.stop(), nats.stop()]);
});

describe.skipIf(!hasPostgres || !hasNatsServer())('a node whose database and bus hang', () => {
  it('says goodbye to its devices and ends with 0', { timeout: 40_000 }, async () => {
    const relay = await spawnRelay({
      args: [
        ...['--store', await postgres.createDatabase(), '--bus', nats.url],
        ...['--stop-timeout-ms', String(stopTimeoutMs)],
      ],
    });
    const { token } = await registerAt(relay.address, 'anna');
    const client = openPlainClient(relay.address);
    client.send(helloFrame(token));
    await client.next('welcome');
    postgres.pause();
    await nats.pause();
    const conversation = createId<ConversationId>();
    // A group that is being stored, and an act of HTTP under way.
    client.send({ type: 'send', conversation, id: createId<MessageId>(), epoch: 0, payload: new Uint8Array(10) });
    const asked = fetch(`${relay.address}/v1/devices`, { headers: { authorization: `Bearer ${token}` } });
    const answered = asked.then(
      () => {},
      () => {},
    );
    const since = performance.now();
    const goodbye = client.next('goodbye');
    const code = await relay.stop();
    const took = performance.now() - since;
    expect(await goodbye).toMatchObject({ code: 'going_away' });
    expect({ code, output: relay.output() }).toMatchObject({
      code: 0,
      output: expect.stringContaining('relay.stopped') as string,
    });
    // As `closingMs` of `serve`.
    expect(took).toBeLessThan(stopTimeoutMs + 17_000);
    await answered;
  });
});

/**
 * What a NATS server costs: CPU of a message in and out, of a subscription, memory of a subject that somebody listens
 * to; and what its client costs a relay (`node bench/capacity/measure/nats.ts`, about a minute).
 */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { execFileSync } from 'node:child_process';
import { createId, type ConversationId, type DeviceId, type MessageId, type UserId } from '../../../protocol/index.ts';
import { openNatsBus } from '../../../signaling-server/adapters/nats/nats-bus.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import type { Note, Subject } from '../../../signaling-server/ports/bus.ts';
import { silentLog } from '../../../test/support/relay-core.ts';
import { startNats } from '../../../test/support/nats-server.ts';
import { cpuSecondsOf, residentBytes } from './cpu-of.ts';

const payload = new Uint8Array(500);
const subjects = 200_000;
const messages = 400_000;
const batch = 500;
const notes = 60_000;

const subjectOf = (index: number): string => `parley.user.01890a5d-ac96-774b-bcce-${String(index).padStart(12, '0')}`;

async function main(): Promise<void> {
  const server = await startNats();
  const pid = Number(
    execFileSync('pgrep', ['-f', `nats-server .*-p ${server.port}`], { encoding: 'utf8' }).split('\n')[0],
  );
  try {
    const publisher = await connect({ servers: server.url, noEcho: true });
    const listener = await connect({ servers: server.url });
    await subscriptions(pid, listener);
    await unheard(pid, publisher);
    await heard(pid, publisher, listener);
    await publisher.close();
    await listener.close();
    await relaySide(server.url);
  } finally {
    await server.stop();
  }
}

/** Many subjects, each listened to by one connection. */
async function subscriptions(pid: number, listener: NatsConnection): Promise<void> {
  const [cpu, memory] = [cpuSecondsOf(pid), residentBytes(pid)];
  const made = [];
  for (let each = 0; each < subjects; each++) {
    made.push(listener.subscribe(subjectOf(each), { callback: () => {} }));
    if (each % 1_000 === 0) await listener.flush();
  }
  await listener.flush();
  const grown = residentBytes(pid) - memory;
  for (const [index, subscription] of made.entries()) {
    subscription.unsubscribe();
    if (index % 1_000 === 0) await listener.flush();
  }
  await listener.flush();
  const spent = cpuSecondsOf(pid) - cpu;
  console.log(`subject: ${(grown / subjects).toFixed(0)} bytes, made and ended ${micros(spent, subjects)} µs`);
}

/** Published to people who are offline: the server looks for interest and drops. */
async function unheard(pid: number, publisher: NatsConnection): Promise<void> {
  const [cpu, own] = [cpuSecondsOf(pid), process.cpuUsage()];
  await publish(publisher, () => subjectOf(subjects + Math.floor(Math.random() * subjects)));
  tell('in, nobody listens', cpuSecondsOf(pid) - cpu, own);
}

async function heard(pid: number, publisher: NatsConnection, listener: NatsConnection): Promise<void> {
  let count = 0;
  for (let each = 0; each < 1_000; each++) listener.subscribe(subjectOf(each), { callback: () => void count++ });
  await listener.flush();
  const [cpu, own] = [cpuSecondsOf(pid), process.cpuUsage()];
  await publish(publisher, () => subjectOf(Math.floor(Math.random() * 1_000)));
  await listener.flush();
  tell('in and out to one listener', cpuSecondsOf(pid) - cpu, own);
  console.log(`heard ${count} of ${messages}`);
}

/** What Parley's own bus costs a relay, encoding and decoding of notes included. */
async function relaySide(servers: string): Promise<void> {
  const options = { servers, prefix: 'bench', log: silentLog, metrics: silentMetrics, clock: Date.now };
  const [here, there] = [await openNatsBus(options), await openNatsBus(options)];
  const people = Array.from({ length: 1_000 }, () => createId<UserId>());
  const own = people.map((user): Subject => `user:${user}`);
  const sample = note();
  let count = 0;
  const unheardMicros = await ownMicros(notes, async (each) => {
    here.publish(own[each % people.length] ?? 'nodes', sample);
    if (each % batch === 0) await here.ping();
  });
  for (const subject of own) there.subscribe(subject, () => void count++);
  await there.ping();
  const heardMicros = await ownMicros(notes, async (each) => {
    here.publish(own[each % people.length] ?? 'nodes', sample);
    if (each % batch === 0) await Promise.all([here.ping(), there.ping()]);
  });
  await Promise.all([here.ping(), there.ping()]);
  const asked = own.slice(0, 15);
  const askMicros = await ownMicros(notes / 15, async () => void (await here.subscribed(asked)));
  console.log(
    `bus: published ${unheardMicros.toFixed(2)} µs, heard ${(heardMicros - unheardMicros).toFixed(2)} µs (${count} of ${notes})`,
  );
  console.log(`bus: a person asked for and answered ${(askMicros / 15).toFixed(2)} µs, both sides`);
  await here.close();
  await there.close();
}

function note(): Note {
  const [conversation, user, device, id] = [
    createId<ConversationId>(),
    createId<UserId>(),
    createId<DeviceId>(),
    createId<MessageId>(),
  ];
  const message = { seq: 1, id, user, device, kind: 'message', time: Date.now(), payload: payload.subarray(0, 320) };
  return { type: 'messages', conversation, messages: [message], except: device };
}

/** CPU of this process for each of so many calls. */
async function ownMicros(times: number, call: (index: number) => Promise<void>): Promise<number> {
  const since = process.cpuUsage();
  for (let each = 1; each <= times; each++) await call(each);
  const { user, system } = process.cpuUsage(since);
  return (user + system) / times;
}

/** In small batches, as a relay writes them once a turn. */
async function publish(publisher: NatsConnection, subject: () => string): Promise<void> {
  for (let sent = 0; sent < messages; sent += batch) {
    for (let each = 0; each < batch; each++) publisher.publish(subject(), payload);
    await publisher.flush();
  }
}

const micros = (seconds: number, units: number): string => ((seconds * 1e6) / units).toFixed(2);

function tell(what: string, seconds: number, since: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(since);
  const own = (user + system) / messages;
  console.log(`${what}: server ${micros(seconds, messages)} µs a message, this process ${own.toFixed(2)} µs`);
}

await main();

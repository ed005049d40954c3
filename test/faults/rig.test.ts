/** The fault rig's own parts: a seed is a schedule, a power cut keeps what was synced, and the checker notices what it must. */
import { mkdtemp, rm } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { createId, type MessageId } from '../../protocol/index.ts';
import { doAct } from '../rig/acts/do-act.ts';
import { createChecker } from '../rig/check/check.ts';
import { makeSchedule } from '../rig/make-schedule.ts';
import { RecordedFiles } from '../rig/power/journal.ts';
import { Random } from '../rig/random.ts';
import { printSchedule, type Act, type DeviceSpec } from '../rig/schedule.ts';
import { short } from '../rig/sizes.ts';
import { Tally } from '../rig/tally.ts';
import { clearAway, closeWorld, openWorld } from '../rig/world.ts';

const settleMs = 30_000;

test('the same seed makes the same schedule, another one makes another', () => {
  const made = (seed: number): string =>
    printSchedule(makeSchedule({ ...short.schedule, seed, can: { disks: true, powerCuts: true, skews: true } }));
  expect(made(7)).toBe(made(7));
  expect(made(7)).not.toBe(made(8));
});

/** As the recorder writes it: op (1 write, 3 sync), length of the path, offset, length of the data. */
function record(op: number, offset: number, data = ''): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(op, 0);
  head.writeUInt32LE(1, 4);
  head.writeBigUInt64LE(BigInt(offset), 8);
  head.writeBigUInt64LE(BigInt(data.length), 16);
  return Buffer.concat([head, Buffer.from(`f${data}`)]);
}

test('a power cut keeps what was synced and, of the rest, what chance leaves', () => {
  const left = new Set<string>();
  for (let seed = 0; seed < 50; seed++) {
    const files = new RecordedFiles(() => Buffer.from('....'));
    files.replay(Buffer.concat([record(1, 0, 'AA'), record(3, 0), record(1, 2, 'B'), record(1, 3, 'C')]));
    files.cut(new Random(seed));
    for (const [, content] of files.contents()) left.add(content.toString());
  }
  expect([...left].every((content) => content.startsWith('AA'))).toBe(true);
  expect(left).toContain('AA..');
  expect(left.size).toBeGreaterThan(1);
});

const device = (person: number): DeviceSpec => ({
  person,
  home: 'here',
  smallDisk: false,
  recorded: false,
  early: true,
});

/** Two people with one device each at a real relay, who have said and changed this and that. */
async function chattedWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'parley-rig-test-'));
  const setting = {
    people: 2,
    devices: [device(0), device(1)],
    relay: { form: 'one', smallDisk: false, recorded: false } as const,
  };
  const world = await openWorld({ seed: 1, ...setting, rounds: [] }, folder, new Tally());
  onTestFinished(async () => {
    await closeWorld(world);
    await clearAway(world, false);
    await rm(folder, { recursive: true, force: true });
  });
  const acts: Act[] = [
    { do: 'send', device: 0, to: 1, count: 4, long: false },
    { do: 'edit', device: 0, to: 1, nth: 0 },
    { do: 'delete', device: 0, to: 1, nth: 1 },
    { do: 'react', device: 0, to: 1, nth: 0, emoji: '👍', on: true },
    { do: 'send', device: 1, to: 0, count: 2, long: false },
  ];
  for (const act of acts) await doAct(world, act);
  const checker = createChecker(world);
  expect(await checker.settle(settleMs, false)).toMatchObject({ violations: [] });
  const [first] = world.devices;
  if (!first) throw new Error('There is no device.');
  /** Changes the device's database behind its back. @returns what the checker says of it. */
  async function tamper(sql: string): Promise<string> {
    await first?.stop();
    const [file = ''] = globSync(join(first?.dataDir ?? '', 'accounts/*/parley.db'));
    const database = new Sqlite(file);
    expect(database.prepare(sql).run().changes).toBe(1);
    database.close();
    return (await checker.settle(0, false)).violations.join('\n');
  }
  return { world, checker, tamper };
}

const otherBytes = `UPDATE messages SET payload = x'00' WHERE rowid = (SELECT max(rowid) FROM messages WHERE payload <> x'')`;
const missing = `DELETE FROM messages WHERE rowid = (SELECT max(rowid) FROM messages WHERE text IS NULL)`;

test('the checker notices other bytes and a message too few at a device', async () => {
  const { tamper } = await chattedWorld();
  expect(await tamper(otherBytes)).toMatch(/P2: device 0 .* has other bytes[^]*P6: device 0/);
  expect(await tamper(missing)).toMatch(/P2: device 0 .* messages up to [^]*P6: device 0/);
});

test('the checker notices what is lost, what is there twice, and what a screen shows wrongly', async () => {
  const { world, checker } = await chattedWorld();
  const [first] = world.devices;
  const [lost] = first?.ledger.typed.splice(0, 1) ?? [];
  expect((await checker.settle(0, false)).violations.join('\n')).toMatch(/P3: "m.*" is in the log and nobody typed it/);
  if (!first || !lost) throw new Error('Nothing was typed.');
  first.ledger.typed.push(lost, { ...lost, text: 'never sent', id: createId<MessageId>() });
  first.ledger.changes.push({
    kind: 'edit',
    conversation: lost.conversation,
    target: createId<MessageId>(),
    text: 'never edited',
    on: true,
    promise: 'kept',
    excuse: null,
  });
  const found = (await checker.settle(0, false)).violations.join('\n');
  expect(found).toMatch(/P5: "never sent" typed at device 0 .* is nowhere/);
  expect(found).toMatch(/P5: device 0 .* the edit "never edited"/);
});

/** What the details say about being the same everywhere, and where that is known from. */
import { describe, expect, it } from 'vitest';
import type { DeviceSync, SyncStatus } from '../../../bridge/views.ts';
import { SyncBoard } from '../../../renderer/app/sync/sync-board.svelte.ts';
import { boundWords, repairWords, syncHeadline, syncRows } from '../../../renderer/app/sync/sync-words.ts';
import { brand, HandEngine, room } from './made-up.ts';

const now = new Date(2025, 2, 12, 15, 30).getTime();
const checkedAt = new Date(2025, 2, 12, 14, 2).getTime();
const gb = 'en-GB';
const anna = { id: brand<DeviceSync['person']['id']>('anna'), username: 'anna', displayName: 'Anna' };
const ben = { ...anna, id: brand<DeviceSync['person']['id']>('ben'), username: 'ben', displayName: 'Ben' };

function device(id: string, changes: Partial<DeviceSync> = {}): DeviceSync {
  return {
    ...{ device: brand(id), person: anna, name: id, current: false, state: 'same', seq: 20, time: checkedAt },
    ...changes,
  };
}

function status(changes: Partial<SyncStatus> = {}): SyncStatus {
  return {
    ...{ conversation: room, state: 'same', seq: 20, head: 20, from: 1, checkedAt, devices: [], repair: null },
    problem: null,
    ...changes,
  };
}

describe('the line in the details', () => {
  const here = device('laptop', { current: true });
  const three = [here, device('desk'), device('b', { person: ben, name: null })];
  it.each([
    [undefined, 'quiet', 'Not checked yet', ''],
    [status({ state: 'unknown', checkedAt: null }), 'quiet', 'Not checked yet', ''],
    [status({ state: 'unknown' }), 'quiet', 'Can’t be checked right now', 'Checked 14:02'],
    [status({ state: 'checking' }), 'busy', 'Comparing with the relay and other devices…', ''],
    [status({ devices: three }), 'good', 'In sync on 3 of 3 devices', 'Checked 14:02'],
    [status({ devices: three.slice(1) }), 'good', 'In sync on 3 of 3 devices', 'Checked 14:02'],
    [status({ devices: [here] }), 'good', 'In sync with the relay', 'Checked 14:02'],
    [
      status({ devices: [here, device('d', { state: 'different' })] }),
      'good',
      'In sync on 1 of 2 devices',
      'Checked 14:02',
    ],
    [status({ checkedAt: now - 86_400_000 }), 'good', 'In sync with the relay', 'Checked yesterday at 15:30'],
    [
      status({ state: 'repairing', repair: { done: 12, total: 1_256, at: now } }),
      'busy',
      'Mending: 12 of 1,256 messages',
      '',
    ],
    [status({ state: 'repairing' }), 'busy', 'Mending…', ''],
    [status({ state: 'different' }), 'bad', 'Not the same everywhere', 'Checked 14:02'],
  ] as const)('%#: is %s, "%s"', (known, tone, words, checked) => {
    expect(syncHeadline(known, now, gb)).toEqual({ tone, words, checked });
  });
});

it('a finished repair is told of, one that goes on is not', () => {
  const repair = { done: 3, total: 3, at: checkedAt };
  expect(repairWords(status({ repair }), now, gb)).toBe(
    '3 messages differed here and were fetched again, today at 14:02.',
  );
  expect(repairWords(status({ repair: { ...repair, done: 1 } }), now, gb)).toMatch(
    /^One message differed here and was/,
  );
  expect(repairWords(status({ state: 'repairing', repair }), now, gb)).toBe('');
  expect(repairWords(status(), now, gb)).toBe('');
});

it('says where the comparison begins, if not with the first message', () => {
  expect(boundWords(status(), gb)).toBe('');
  expect(boundWords(status({ from: 1_234 }), gb)).toMatch(/begins with message 1,234:/);
});

describe('the devices', () => {
  it('begin with this one, then one’s own, then those of others, numbered where they have no name', () => {
    const devices = [
      device('b1', { person: ben, name: null, time: checkedAt - 1 }),
      device('b2', { person: ben, name: null }),
      device('desk'),
      device('laptop', { current: true }),
    ];
    const rows = syncRows(status({ devices }), 'anna', now, gb);
    expect(rows.map(({ name }) => name)).toEqual(['laptop', 'desk', 'Ben (1)', 'Ben (2)']);
    expect(rows.map(({ key }) => key)).toEqual(['laptop', 'desk', 'b2', 'b1']);
  });

  it('say that they are the same, behind, or different', () => {
    const devices = [
      device('a', { current: true }),
      device('b', { seq: 12 }),
      device('c', { state: 'different', person: ben, name: null }),
    ];
    expect(syncRows(status({ devices }), 'anna', now, gb).map(({ words }) => words)).toEqual([
      'The same, today at 14:02',
      'The same up to message 12 of 20, today at 14:02',
      'Differs, today at 14:02. It is mended when that device is online.',
    ]);
  });
});

describe('the board', () => {
  it('asks once for header and details together, and believes events after it', async () => {
    const engine = new HandEngine();
    const board = new SyncBoard(engine.client);
    void board.look(room);
    void board.look(room);
    expect(engine.names()).toEqual(['sync.status']);
    await engine.at(0).answer(status({ state: 'unknown' }));
    engine.emit('sync.changed', status({ state: 'checking' }));
    expect(board.of(room)?.state).toBe('checking');
    void board.look(room);
    expect(engine.names()).toEqual(['sync.status', 'sync.status']);
  });

  it('forgets everything with the account', () => {
    const engine = new HandEngine();
    const board = new SyncBoard(engine.client);
    engine.emit('sync.changed', status());
    board.reset();
    expect(board.of(room)).toBeUndefined();
  });
});

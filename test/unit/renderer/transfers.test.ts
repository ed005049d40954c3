/** The board of transfers and the words and order of its panel. */
import { describe, expect, it } from 'vitest';
import type { TransferView } from '../../../bridge/media-views.ts';
import { TransferBoard } from '../../../renderer/app/transfers/transfer-board.svelte.ts';
import { overallProgress, progressOf, transferGroups } from '../../../renderer/app/transfers/transfer-order.ts';
import {
  amountWords,
  startWords,
  statusWords,
  transferName,
  waitingWords,
} from '../../../renderer/app/transfers/transfer-words.ts';
import { brand, HandEngine, room } from './made-up.ts';

const plain = (words: string): string => words.replaceAll('\u00A0', ' ');
const gb = 'en-GB';
const now = new Date(2025, 2, 12, 15, 30).getTime();
const anna = { id: brand<never>('anna'), username: 'anna', displayName: 'Anna' };
const ben = { id: brand<never>('ben'), username: 'ben', displayName: 'Ben' };

function transfer(message: string, changes: Partial<TransferView> = {}): TransferView {
  return {
    ref: { conversation: room, message: brand(message), item: 0 },
    ...{ direction: 'in', name: `${message}.zip`, kind: 'file', state: 'active', done: 0, bytes: 1_000 },
    ...{ bytesPerSecond: null, msLeft: null, path: null, waitingFor: [], fault: null, updatedAt: now },
    ...changes,
  };
}

async function boardWith(...listed: TransferView[]) {
  const engine = new HandEngine();
  const told: unknown[] = [];
  const board = new TransferBoard(engine.client, { fail: (error) => told.push(error) });
  const loading = board.load();
  await engine.at(-1).answer(listed);
  await loading;
  return { board, engine, told };
}

describe('the board', () => {
  it('keeps its order while bytes move, newest message first, an album in its own order', async () => {
    const second = transfer('m2', { ref: { conversation: room, message: brand('m2'), item: 1 } });
    const { board, engine } = await boardWith(transfer('m1'), second, transfer('m2'));
    engine.emit('transfers.changed', [transfer('m1', { done: 500, updatedAt: now + 9_000 })]);
    expect(board.all.map(({ ref }) => `${ref.message}/${ref.item}`)).toEqual(['m2/0', 'm2/1', 'm1/0']);
    expect(board.viewOf(transfer('m1').ref)?.done).toBe(500);
    expect(board.viewOf(transfer('m9').ref)).toBeNull();
  });

  it('believes what changed while the list was on its way, not the list', async () => {
    const engine = new HandEngine();
    const board = new TransferBoard(engine.client, { fail: () => undefined });
    const loading = board.load();
    engine.emit('transfers.changed', [transfer('m1', { state: 'done' })]);
    await engine.at(0).answer([transfer('m1'), transfer('m2')]);
    await loading;
    expect(board.all.map(({ state }) => state)).toEqual(['active', 'done']);
  });

  it('loading again drops what the engine does not list any more', async () => {
    const { board, engine } = await boardWith(transfer('m1'), transfer('m2'));
    const loading = board.load();
    await engine.at(-1).answer([transfer('m2')]);
    await loading;
    expect(board.all).toHaveLength(1);
  });

  it('an answer for the account before is dropped', async () => {
    const engine = new HandEngine();
    const board = new TransferBoard(engine.client, { fail: () => undefined });
    const loading = board.load();
    board.reset();
    await engine.at(0).answer([transfer('m1')]);
    await loading;
    expect(board.all).toEqual([]);
    expect(board.phase.state).toBe('loading');
  });

  it('counts what has a way to go and adds up what moves', async () => {
    const { board } = await boardWith(
      transfer('m1', { done: 250, bytes: 1_000 }),
      transfer('m2', { done: 250, bytes: 3_000, state: 'preparing' }),
      transfer('m3', { state: 'paused', done: 999 }),
      transfer('m4', { state: 'done' }),
    );
    expect(board.unfinished).toHaveLength(3);
    expect(board.moving).toHaveLength(2);
    expect(board.progress).toBeCloseTo(0.125);
  });

  it('pauses all that moves or waits, goes on with all that is paused', async () => {
    const { board, engine } = await boardWith(
      transfer('m1'),
      transfer('m2', { state: 'waiting' }),
      transfer('m3', { state: 'paused' }),
      transfer('m4', { state: 'preparing' }),
    );
    void board.pauseAll();
    void board.startAll();
    const asked = engine.asked.slice(1).map(({ name, input }) => [name, (input as TransferView['ref']).message]);
    expect(asked).toEqual([
      ['transfers.pause', 'm2'],
      ['transfers.pause', 'm1'],
      ['transfers.start', 'm3'],
    ]);
  });

  it('tells the person when the engine refuses', async () => {
    const { board, engine, told } = await boardWith(transfer('m1'));
    const cancelling = board.cancel(transfer('m1').ref);
    await engine.at(-1).refuse(new Error('no'));
    await cancelling;
    expect(told).toHaveLength(1);
  });

  it('clearing takes off what is over, and only when the engine did so too', async () => {
    const { board, engine } = await boardWith(transfer('m1'), transfer('m2', { state: 'failed' }));
    const failing = board.clear();
    await engine.at(-1).refuse(new Error('no'));
    await failing;
    expect(board.all).toHaveLength(2);
    const clearing = board.clear();
    await engine.at(-1).answer(undefined);
    await clearing;
    expect(board.all.map(({ state }) => state)).toEqual(['active']);
  });

  it('announces failures and the end of all, and nothing in between', async () => {
    const { board, engine } = await boardWith(transfer('m1'), transfer('m2'));
    engine.emit('transfers.changed', [transfer('m1', { done: 10 })]);
    engine.emit('transfers.changed', [transfer('m1', { state: 'done' })]);
    expect(board.announcement).toBe('');
    engine.emit('transfers.changed', [transfer('m2', { state: 'done' })]);
    expect(board.announcement).toBe('All files are through.');
    const fault = { code: 'x', message: 'The disk is full.' };
    engine.emit('transfers.changed', [transfer('m1', { state: 'failed', fault })]);
    expect(board.announcement).toBe('m1.zip: Not fetched: The disk is full.');
  });
});

it('the panel has what moves first and what is over last, without empty groups', () => {
  const groups = transferGroups([
    transfer('m4', { state: 'done' }),
    transfer('m3', { state: 'paused' }),
    transfer('m2'),
    transfer('m1', { state: 'cancelled' }),
  ]);
  expect(groups.map(({ words, transfers }) => [words, transfers.length])).toEqual([
    ['On the way', 1],
    ['Waiting', 1],
    ['Finished', 2],
  ]);
});

it('progress is between 0 and 1, for empty files too', () => {
  expect(progressOf({ done: 0, bytes: 0, state: 'active' })).toBe(0);
  expect(progressOf({ done: 0, bytes: 0, state: 'done' })).toBe(1);
  expect(progressOf({ done: 12, bytes: 10, state: 'active' })).toBe(1);
  expect(overallProgress([])).toBeNull();
  expect(overallProgress([transfer('m1', { bytes: 0 })])).toBe(0);
});

describe('words', () => {
  const status = (changes: Partial<TransferView>): string =>
    plain(statusWords(transfer('m1', changes), { now, locale: gb }));
  const fault = { code: 'quota_exceeded', message: 'The relay is full.' };

  it.each([
    [{ state: 'preparing' as const }, 'Preparing…'],
    [{ path: 'relay' as const }, 'Starting… · through the relay'],
    [
      { bytesPerSecond: 3_400_000, msLeft: 150_000, path: 'turn' as const },
      '3.4 MB/s · 3 min left · directly, by way of a TURN server',
    ],
    [{ state: 'waiting' as const, waitingFor: [anna] }, 'Waiting for Anna to be online'],
    [{ state: 'waiting' as const, fault }, 'The relay is full.'],
    [{ state: 'paused' as const }, 'Paused'],
    [{ state: 'failed' as const, fault }, 'Not fetched: The relay is full.'],
    [{ state: 'failed' as const, direction: 'out' as const, fault }, 'Not sent: The relay is full.'],
    [{ state: 'done' as const, path: 'direct' as const }, 'Received today at 15:30, directly'],
    [{ state: 'done' as const, direction: 'out' as const }, 'Sent today at 15:30'],
    [{ state: 'cancelled' as const }, 'Cancelled'],
  ])('%j is "%s"', (changes, words) => {
    expect(status(changes)).toBe(words);
  });

  it('waiting says for whom, one’s own other device among them', () => {
    expect(waitingWords([], null)).toBe('Waiting for the connection');
    expect(waitingWords([anna], anna.id)).toBe('Waiting for your other device to be online');
    expect(waitingWords([anna, ben], null)).toBe('Waiting for Anna and Ben to be online');
    expect(waitingWords([anna, ben, ben], null)).toBe('Waiting for Anna and 2 others to be online');
  });

  it('the amount is partial only on the way', () => {
    const half = { done: 500_000, bytes: 1_000_000 };
    expect(plain(amountWords(transfer('m1', half), gb))).toBe('500 kB of 1 MB');
    expect(plain(amountWords(transfer('m1', { ...half, state: 'done' }), gb))).toBe('1 MB');
    expect(plain(amountWords(transfer('m1', { ...half, done: 0 }), gb))).toBe('1 MB');
  });

  it('recordings are not called by the names that machines gave them', () => {
    expect(transferName(transfer('m1', { kind: 'voice', name: 'voice.webm' }))).toBe('Voice message');
    expect(transferName(transfer('m1'))).toBe('m1.zip');
  });

  it('starting again is called by what it does', () => {
    expect(startWords(transfer('m1', { state: 'paused' }))).toBe('Go on');
    expect(startWords(transfer('m1', { state: 'failed' }))).toBe('Try again');
    expect(startWords(transfer('m1', { state: 'cancelled' }))).toBe('Fetch again');
    expect(startWords(transfer('m1', { state: 'cancelled', direction: 'out' }))).toBe('Send again');
  });
});

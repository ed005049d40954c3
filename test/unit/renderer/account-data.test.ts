/** New devices, work on all data, the second copy: what is shown, and what comes of it, in words. */
import { describe, expect, it } from 'vitest';
import type { DataJob, DeviceView, Safekeeping as SafekeepingView } from '../../../bridge/views.ts';
import { catchUp, type CatchUp } from '../../../renderer/app/connection/catch-up.ts';
import { DataJobs } from '../../../renderer/app/data/data-jobs.svelte.ts';
import { jobProgress, jobWords } from '../../../renderer/app/data/data-words.ts';
import { PassphraseForm } from '../../../renderer/app/data/passphrase-form.svelte.ts';
import { Safekeeping } from '../../../renderer/app/data/safekeeping.svelte.ts';
import { NewDevices } from '../../../renderer/app/devices/new-devices.svelte.ts';
import { brand, HandEngine } from './made-up.ts';

function device(id: string, createdAt: number): DeviceView {
  return { id: brand(id), name: id, platform: 'linux', createdAt, lastActiveAt: createdAt, current: false };
}

describe('new devices', () => {
  it('are those told of and those that appear, each once, the newest last', async () => {
    const engine = new HandEngine();
    const devices = new NewDevices(engine.client);
    void devices.load();
    engine.emit('devices.appeared', [device('second', 2)]);
    await engine.at(0).answer([device('first', 1), device('second', 2)]);
    expect(devices.unseen.map(({ id }) => id)).toEqual(['first', 'second']);
  });

  it('go once the engine took the answer, and stay when it did not', async () => {
    const engine = new HandEngine();
    const devices = new NewDevices(engine.client);
    engine.emit('devices.appeared', [device('first', 1), device('second', 2)]);
    const refused = devices.acknowledge([brand('first')]);
    await engine.at(0).refuse(new Error('full'));
    await expect(refused).rejects.toThrow('full');
    expect(devices.unseen).toHaveLength(2);
    void devices.acknowledge([brand('first')]);
    await engine.at(1).answer(undefined);
    expect(devices.unseen.map(({ id }) => id)).toEqual(['second']);
  });

  it('that are logged out are not told of any more', async () => {
    const engine = new HandEngine();
    const devices = new NewDevices(engine.client);
    engine.emit('devices.appeared', [device('first', 1)]);
    void devices.revoke(brand('first'));
    await engine.at(0).answer(undefined);
    await engine.at(1).answer(undefined);
    expect(engine.names()).toEqual(['devices.revoke', 'devices.acknowledge']);
    expect(devices.unseen).toEqual([]);
  });

  it('load anew without those that were answered elsewhere', async () => {
    const engine = new HandEngine();
    const devices = new NewDevices(engine.client);
    engine.emit('devices.appeared', [device('first', 1)]);
    void devices.load();
    await engine.at(0).answer([]);
    expect(devices.unseen).toEqual([]);
  });
});

function job(changes: Partial<DataJob>): DataJob {
  return { job: 'export', state: 'running', done: 0, total: 0, result: null, failure: null, ...changes };
}

describe('a job in words', () => {
  const result = { messages: 1_234, files: 1, missingFiles: 0, leftOut: 0 };
  it.each([
    [job({}), 'Exporting your messages and files…'],
    [job({ state: 'cancelled', job: 'restore' }), 'The restore was cancelled. Nothing was changed on this computer.'],
    [
      job({ state: 'failed', failure: { code: 'storage_full', message: 'The disk is full.' } }),
      'The export did not work. The disk is full.',
    ],
    [job({ state: 'done', result }), 'Exported 1,234 messages and one file.'],
    [
      job({ state: 'done', result: { ...result, missingFiles: 1 } }),
      'Exported 1,234 messages and one file. One file is not on this computer, and so not in it.',
    ],
    [
      job({ job: 'import', state: 'done', result: { messages: 0, files: 0, missingFiles: 0, leftOut: 0 } }),
      'Everything in this export was here already.',
    ],
    [
      job({ job: 'import', state: 'done', result: { messages: 1, files: 2, missingFiles: 0, leftOut: 3 } }),
      'Took in one message and 2 files that were missing here. 3 messages were left out: this computer holds others in their place, or they can’t be read.',
    ],
    [job({ job: 'backup', state: 'done', result }), 'Backup made: 1,234 messages and one file.'],
    [job({ job: 'restore', state: 'done', result }), 'Backup restored: 1,234 messages and one file.'],
  ])('%#: %s', (one, words) => {
    expect(jobWords(one, 'en-GB')).toBe(words);
  });

  it('has progress between nothing and all', () => {
    expect(jobProgress(job({}))).toBe(0);
    expect(jobProgress(job({ done: 1, total: 4 }))).toBe(0.25);
    expect(jobProgress(job({ done: 5, total: 4 }))).toBe(1);
  });
});

describe('work on all data', () => {
  it('shows what is told while the question for it is still open, and keeps what runs on screen', async () => {
    const engine = new HandEngine();
    const data = new DataJobs({ engine: engine.client, shell: engine.client as never }, () => undefined);
    void data.load();
    engine.emit('data.job-changed', job({ done: 2, total: 4 }));
    await engine.at(0).answer(null);
    data.dismiss();
    expect(data.running).toBe(true);
    engine.emit('data.job-changed', job({ state: 'cancelled' }));
    data.dismiss();
    expect(data.job).toBeNull();
  });
});

it('what came of a job is told where the job is not on screen', () => {
  const engine = new HandEngine();
  const told: string[] = [];
  const data = new DataJobs({ engine: engine.client, shell: engine.client as never }, (words) => told.push(words));
  const hide = data.show();
  engine.emit('data.job-changed', job({}));
  engine.emit('data.job-changed', job({ state: 'cancelled' }));
  expect(told).toEqual([]);
  hide();
  engine.emit('data.job-changed', job({}));
  engine.emit('data.job-changed', job({ state: 'cancelled' }));
  expect(told).toEqual(['The export was cancelled. Nothing of it is left.']);
});

describe('the passphrase of a backup', () => {
  function form(kind: 'backup' | 'restore', begin: () => Promise<boolean> = () => Promise.resolve(true)) {
    const asked: string[] = [];
    const data = {
      beginSealed: (name: string, passphrase: string) => (asked.push(`${name} ${passphrase}`), begin()),
    };
    return { asked, form: new PassphraseForm(data, kind) };
  }

  it.each([
    ['', '', 'passphrase'],
    ['seven77', 'seven77', 'passphrase'],
    ['long enough', 'long enouhg', 'again'],
  ] as const)('"%s" then "%s" is not taken: %s', async (passphrase, again, field) => {
    const { form: one, asked } = form('backup');
    Object.assign(one, { passphrase, again });
    expect(await one.submit()).toBe(false);
    expect(one.faults[field]).toBeTruthy();
    expect(asked).toEqual([]);
  });

  it('is taken as it is, once written twice', async () => {
    const { form: one, asked } = form('backup');
    Object.assign(one, { passphrase: ' long enough ', again: ' long enough ' });
    expect(await one.submit()).toBe(true);
    expect(asked).toEqual(['backup  long enough ']);
  });

  it('that opens one may be anything, and a fault is said', async () => {
    const { form: one } = form('restore', () => Promise.reject(new Error('no')));
    one.passphrase = 'x';
    expect(await one.submit()).toBe(false);
    expect(one.faults.general).toContain('Something went wrong');
    expect(one.busy).toBe(false);
  });
});

it('the second copy shows at once and goes back when the engine refuses', async () => {
  const engine = new HandEngine();
  const keeping = new Safekeeping(engine.client);
  const view: SafekeepingView = { keepCopy: false, copiedAt: null, checkedAt: null };
  keeping.follow();
  await engine.at(0).answer(view);
  const refused = keeping.keepCopy(true);
  expect(keeping.phase).toMatchObject({ view: { keepCopy: true } });
  await engine.at(1).refuse(new Error('full'));
  await expect(refused).rejects.toThrow('full');
  expect(keeping.phase).toEqual({ state: 'ready', view });
});

describe('catching up', () => {
  const syncing = (received: number, total: number) => ({ state: 'syncing' as const, received, total });
  const told = (...views: Parameters<typeof catchUp>[1][]): (CatchUp | null)[] => {
    let known: CatchUp | null = null;
    return views.map((view) => (known = catchUp(known, view)));
  };

  it('counts on where a cut left it, and takes in what came meanwhile', () => {
    expect(
      told(syncing(0, 100), syncing(60, 100), { state: 'connecting' }, syncing(0, 45), syncing(45, 45), {
        state: 'online',
      }),
    ).toEqual([
      { received: 0, total: 100 },
      { received: 60, total: 100 },
      { received: 60, total: 100 },
      { received: 60, total: 105 },
      { received: 105, total: 105 },
      null,
    ]);
  });

  it('counts on where fewer are left than it thought', () => {
    expect(told(syncing(60, 100), syncing(0, 30)).at(-1)).toEqual({ received: 70, total: 100 });
  });

  it('begins anew after it was done', () => {
    expect(told(syncing(60, 100), { state: 'online' }, syncing(0, 30)).at(-1)).toEqual({ received: 0, total: 30 });
  });
});

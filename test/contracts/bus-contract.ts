/** What every bus must do, sentence by sentence of `ports/bus.ts`. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createId, type UserId } from '../../protocol/index.ts';
import type { Bus, Note, Subject } from '../../signaling-server/ports/bus.ts';

export interface BusUnderTest {
  /** Where notes are published. */
  readonly near: Bus;
  /** Where they are heard: another node of the same relay, or the same bus where there is only one. */
  readonly far: Bus;
  dispose(): Promise<void>;
}

function presence(lastActiveAt: number): Note {
  return { type: 'presence', presence: { user: createId<UserId>(), online: true, lastActiveAt } };
}

function timeOf(note: Note): number | null {
  return note.type === 'presence' ? note.presence.lastActiveAt : null;
}

/** With patience for machines that have much else to do. */
function eventually(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 15_000, interval: 20 });
}

function subjects(count: number): Subject[] {
  return Array.from({ length: count }, (): Subject => `user:${createId<UserId>()}`);
}

export function runBusContract(name: string, setup: () => Promise<BusUnderTest>): void {
  describe(`the bus contract: ${name}`, () => {
    let bus: BusUnderTest;
    let subject: Subject;
    beforeEach(async () => {
      bus = await setup();
      subject = `user:${createId<UserId>()}`;
    });
    afterEach(() => bus.dispose());

    it('hands a note to every subscriber of its subject and to no other', async () => {
      const [one, two, other] = [vi.fn(), vi.fn(), vi.fn()];
      bus.far.subscribe(subject, one);
      bus.far.subscribe(`watch:${subject.slice(5) as UserId}`, other);
      const note = presence(1);
      // Before the near one's own subscription, which would do for an answer.
      await eventually(async () => expect(await bus.near.subscribed([subject])).toEqual(new Set([subject])));
      bus.near.subscribe(subject, two);
      bus.near.publish(subject, note);
      await eventually(() => expect([one.mock.calls, two.mock.calls]).toEqual([[[note]], [[note]]]));
      expect(other).not.toHaveBeenCalled();
    });

    it('carries bytes unchanged', async () => {
      const heard = vi.fn<(note: Note) => void>();
      bus.far.subscribe(subject, heard);
      const payload = new Uint8Array([0, 255, 128]);
      const note = { type: 'signal', conversation: createId(), user: createId(), device: createId(), payload } as Note;
      await eventually(async () => expect((await bus.near.subscribed([subject])).size).toBe(1));
      bus.near.publish(subject, note);
      await eventually(() => expect(heard).toHaveBeenCalledOnce());
      const [[got] = []] = heard.mock.calls;
      expect(got?.type === 'signal' && [...got.payload]).toEqual([0, 255, 128]);
    });

    it('keeps the order in which one publisher publishes on a subject', async () => {
      const times: (number | null)[] = [];
      bus.far.subscribe(subject, (note) => times.push(timeOf(note)));
      await eventually(async () => expect((await bus.near.subscribed([subject])).size).toBe(1));
      for (let time = 0; time < 500; time++) bus.near.publish(subject, presence(time));
      await eventually(() => expect(times).toEqual(Array.from({ length: 500 }, (_, time) => time)));
    });

    it('keeps that order for every subscriber when a listener publishes too', async () => {
      const [heard, heardFar]: (number | null)[][] = [[], []];
      bus.far.subscribe(subject, (note) => heardFar?.push(timeOf(note)));
      await eventually(async () => expect((await bus.near.subscribed([subject])).size).toBe(1));
      bus.near.subscribe(subject, (note) => {
        if (timeOf(note) === 1) bus.near.publish(subject, presence(2));
      });
      bus.near.subscribe(subject, (note) => heard?.push(timeOf(note)));
      bus.near.publish(subject, presence(1));
      await eventually(() =>
        expect([heard, heardFar]).toEqual([
          [1, 2],
          [1, 2],
        ]),
      );
    });

    it('goes on when a listener throws', async () => {
      const heard = vi.fn();
      bus.near.subscribe(subject, () => {
        throw new Error('a fault of the listener');
      });
      bus.near.subscribe(subject, heard);
      expect(() => bus.near.publish(subject, presence(1))).not.toThrow();
      await eventually(() => expect(heard).toHaveBeenCalledOnce());
    });

    it('tells nothing more to a subscription that has ended, and knows who is subscribed', async () => {
      const [ended, stays] = [vi.fn(), vi.fn()];
      const end = bus.far.subscribe(subject, ended);
      const endOther = bus.far.subscribe(subject, stays);
      const free: Subject = `user:${createId<UserId>()}`;
      await eventually(async () => expect(await bus.near.subscribed([subject, free])).toEqual(new Set([subject])));
      end();
      end();
      bus.near.publish(subject, presence(1));
      await eventually(() => expect(stays).toHaveBeenCalledOnce());
      expect(ended).not.toHaveBeenCalled();
      endOther();
      await eventually(async () => expect(await bus.near.subscribed([subject])).toEqual(new Set()));
    });

    it('knows of hundreds of subjects at once who is subscribed, wherever that is', async () => {
      const [here, there, nowhere] = [subjects(300), subjects(300), subjects(300)];
      for (const one of here) bus.near.subscribe(one, () => {});
      for (const one of there) bus.far.subscribe(one, () => {});
      const all = [...here, ...there, ...nowhere];
      const expected = new Set([...here, ...there]);
      await eventually(async () => expect(await bus.near.subscribed(all)).toEqual(expected));
      expect(await bus.near.subscribed([])).toEqual(new Set());
    });

    it('reaches every node under "nodes", the one that publishes too', async () => {
      const [near, far] = [vi.fn(), vi.fn()];
      bus.near.subscribe('nodes', near);
      bus.far.subscribe('nodes', far);
      const note: Note = { type: 'stale', user: createId<UserId>() };
      await eventually(() => {
        if (far.mock.calls.length === 0) bus.near.publish('nodes', note);
        expect(far).toHaveBeenCalledWith(note);
      });
      expect(near).toHaveBeenCalledWith(note);
    });

    it('says that it can serve, and that notes reach other nodes', async () => {
      await expect(bus.near.ping()).resolves.toBeUndefined();
      expect([bus.near.connected, bus.far.connected]).toEqual([true, true]);
    });

    it('tells of no loss where there is none, and takes back a listener for losses', async () => {
      const lost = vi.fn();
      const end = bus.near.onLoss(lost);
      bus.far.subscribe(subject, () => {});
      for (let time = 0; time < 100; time++) bus.near.publish(subject, presence(time));
      await bus.near.ping();
      end();
      end();
      expect(lost).not.toHaveBeenCalled();
    });

    it('is still after it was closed', async () => {
      const heard = vi.fn();
      bus.far.subscribe(subject, heard);
      await eventually(async () => expect((await bus.near.subscribed([subject])).size).toBe(1));
      await bus.far.close();
      await bus.far.close();
      expect(() => bus.near.publish(subject, presence(1))).not.toThrow();
      expect(() => bus.far.publish(subject, presence(2))).not.toThrow();
      expect(heard).not.toHaveBeenCalled();
    });
  });
}

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
      bus.near.subscribe(subject, two);
      bus.far.subscribe(`watch:${subject.slice(5) as UserId}`, other);
      const note = presence(1);
      await vi.waitFor(async () => expect(await bus.near.subscribed([subject])).toEqual(new Set([subject])));
      bus.near.publish(subject, note);
      await vi.waitFor(() => expect([one.mock.calls, two.mock.calls]).toEqual([[[note]], [[note]]]));
      expect(other).not.toHaveBeenCalled();
    });

    it('carries bytes unchanged', async () => {
      const heard = vi.fn<(note: Note) => void>();
      bus.far.subscribe(subject, heard);
      const payload = new Uint8Array([0, 255, 128]);
      const note = { type: 'signal', conversation: createId(), user: createId(), device: createId(), payload } as Note;
      await vi.waitFor(async () => expect((await bus.near.subscribed([subject])).size).toBe(1));
      bus.near.publish(subject, note);
      await vi.waitFor(() => expect(heard).toHaveBeenCalledOnce());
      const [[got] = []] = heard.mock.calls;
      expect(got?.type === 'signal' && [...got.payload]).toEqual([0, 255, 128]);
    });

    it('keeps the order in which one publisher publishes on a subject', async () => {
      const times: (number | null)[] = [];
      bus.far.subscribe(subject, (note) => times.push(timeOf(note)));
      await vi.waitFor(async () => expect((await bus.near.subscribed([subject])).size).toBe(1));
      for (let time = 0; time < 500; time++) bus.near.publish(subject, presence(time));
      await vi.waitFor(() => expect(times).toEqual(Array.from({ length: 500 }, (_, time) => time)));
    });

    it('keeps that order for every subscriber when a listener publishes too', async () => {
      const heard: (number | null)[] = [];
      bus.near.subscribe(subject, (note) => {
        if (timeOf(note) === 1) bus.near.publish(subject, presence(2));
      });
      bus.near.subscribe(subject, (note) => heard.push(timeOf(note)));
      bus.near.publish(subject, presence(1));
      await vi.waitFor(() => expect(heard).toEqual([1, 2]));
    });

    it('goes on when a listener throws', async () => {
      const heard = vi.fn();
      bus.near.subscribe(subject, () => {
        throw new Error('a fault of the listener');
      });
      bus.near.subscribe(subject, heard);
      expect(() => bus.near.publish(subject, presence(1))).not.toThrow();
      await vi.waitFor(() => expect(heard).toHaveBeenCalledOnce());
    });

    it('tells nothing more to a subscription that has ended, and knows who is subscribed', async () => {
      const [ended, stays] = [vi.fn(), vi.fn()];
      const end = bus.far.subscribe(subject, ended);
      const endOther = bus.far.subscribe(subject, stays);
      const free: Subject = `user:${createId<UserId>()}`;
      await vi.waitFor(async () => expect(await bus.near.subscribed([subject, free])).toEqual(new Set([subject])));
      end();
      end();
      bus.near.publish(subject, presence(1));
      await vi.waitFor(() => expect(stays).toHaveBeenCalledOnce());
      expect(ended).not.toHaveBeenCalled();
      endOther();
      await vi.waitFor(async () => expect(await bus.near.subscribed([subject])).toEqual(new Set()));
    });

    it('says that it can serve', async () => {
      await expect(bus.near.ping()).resolves.toBeUndefined();
    });
  });
}

/** What every storage of segments must do, sentence by sentence of `ports/cold.ts`. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SegmentStorage } from '../../signaling-server/ports/cold.ts';

export interface SegmentsUnderTest {
  readonly segments: SegmentStorage;
  /** Opens the same data again, as after a restart. */
  reopen(): Promise<SegmentStorage>;
  dispose(): Promise<void>;
}

export function runSegmentsContract(name: string, setup: () => Promise<SegmentsUnderTest>): void {
  describe(`the segments contract: ${name}`, () => {
    let subject: SegmentsUnderTest;
    let segments: SegmentStorage;

    beforeEach(async () => {
      subject = await setup();
      segments = subject.segments;
    });
    afterEach(() => subject.dispose());

    async function listed(prefix: string): Promise<string[]> {
      const names: string[] = [];
      for await (const { name } of segments.list(prefix)) names.push(name);
      return names.sort();
    }

    it('gives back what was put, also after a restart, and nothing for other names', async () => {
      const [large, empty] = [randomBytes(3_000_000), Buffer.alloc(0)];
      await segments.put('cold/ab/one', large);
      await segments.put('cold/ab/two', empty);
      for (const restart of [false, true]) {
        if (restart) segments = await subject.reopen();
        expect(large.equals((await segments.get('cold/ab/one')) ?? empty)).toBe(true);
        expect(Buffer.from((await segments.get('cold/ab/two')) ?? large)).toEqual(empty);
        expect(await segments.get('cold/ab/three')).toBeNull();
        expect(await segments.get('cold/ab')).toBeNull();
      }
    });

    it('lists by the beginning of names, with the time of each', async () => {
      const from = Date.now() - 5_000;
      for (const name of ['cold/ab/1-5.x', 'cold/ab/1-9.y', 'cold/ab/11-20.z', 'cold/cd/1-2.x']) {
        await segments.put(name, Buffer.from(name));
      }
      expect(await listed('cold/ab/1-')).toEqual(['cold/ab/1-5.x', 'cold/ab/1-9.y']);
      expect(await listed('cold/')).toHaveLength(4);
      expect(await listed('cold/ef/')).toEqual([]);
      for await (const { at } of segments.list('cold/')) {
        expect(at).toBeGreaterThan(from);
        expect(at).toBeLessThan(Date.now() + 5_000);
      }
    });

    it('removes one, and minds nothing when it is not there', async () => {
      await segments.put('cold/ab/one', randomBytes(10));
      await segments.put('cold/ab/two', randomBytes(10));
      await segments.remove('cold/ab/one');
      await segments.remove('cold/ab/one');
      expect(await segments.get('cold/ab/one')).toBeNull();
      expect(await listed('cold/')).toEqual(['cold/ab/two']);
    });

    it('takes no name that leads elsewhere', async () => {
      for (const name of ['../outside', 'cold/../../outside', '/etc/outside', 'cold//x', 'C:\\x', '']) {
        await expect(segments.put(name, randomBytes(1))).rejects.toThrow();
      }
    });

    it('is there', async () => {
      await segments.ping();
    });
  });
}

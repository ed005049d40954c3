/** History in segments: the same for whoever reads it, whatever dies on the way there, and sealed from who keeps it. */
import { rmSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createId, type ConversationId, type Envelope, type MessageId } from '../../protocol/index.ts';
import { refuseForgottenSegments, parseColdKey } from '../../signaling-server/adapters/cold/cold-history.ts';
import type { ColdCatalogue, SegmentStorage } from '../../signaling-server/ports/cold.ts';
import type { NewMessage } from '../../signaling-server/ports/store.ts';
import { createFolder, firstLink, nextLink } from '../../signaling-server/relay/fold.ts';
import { ColdStore, dayMs, type ColdStoreOptions, type StoreWithCold } from '../support/cold-store.ts';
import { addConversation, addPerson, type TestDevice } from '../support/relay-core.ts';

const everything = { from: 1, to: Number.MAX_SAFE_INTEGER, limit: 100_000, maxBytes: 1e9 };

export function runColdContract(name: string, openStore: (dataDir: string) => Promise<StoreWithCold>): void {
  describe(`cold history: ${name}`, () => {
    let subject: ColdStore;
    let anna: TestDevice;
    let ben: TestDevice;
    let conversation: ConversationId;

    async function open(options: ColdStoreOptions = {}): Promise<void> {
      subject = await ColdStore.open({ sizes: { leastMessages: 4, mostMessages: 8 }, openStore, ...options });
      [anna, ben] = [await addPerson(subject.store), await addPerson(subject.store)];
      conversation = await addConversation(subject.store, anna, ben);
    }

    afterEach(() => subject.dispose());

    function newMessage(from: TestDevice, id = createId<MessageId>()): NewMessage {
      const payload = Buffer.from(`payload of ${id}`);
      return { conversation, id, user: from.user, device: from.device, epoch: 0, kind: 'content', payload };
    }

    async function send(count: number): Promise<NewMessage[]> {
      const messages = Array.from({ length: count }, (_, at) => newMessage(at % 3 === 0 ? ben : anna));
      await subject.store.log.append(messages, Date.now());
      return messages;
    }

    /** What lies in the database's own log. */
    const hotSeqs = async (): Promise<number[]> =>
      (await subject.plain.log.read(conversation, everything)).map(({ seq }) => seq);

    const idsOf = (messages: readonly (Envelope | NewMessage)[]) => messages.map(({ id }) => id);

    const readAll = (): Promise<Envelope[]> => subject.store.log.read(conversation, everything);

    describe('old history', () => {
      it('leaves the database but for its end, and is read as before, in any range', async () => {
        await open();
        const sent = await send(30);
        const before = await readAll();
        await subject.archive();
        // Three segments of eight, and one of five that is enough for one: the newest message stays.
        expect(await hotSeqs()).toEqual([30]);
        expect(idsOf(await readAll())).toEqual(idsOf(sent));
        expect(await readAll()).toEqual(
          before.map((message) => ({ ...message, payload: Buffer.from(message.payload) })),
        );
        for (const [from, to, limit] of [
          [1, 3, 9],
          [7, 12, 99],
          [8, 30, 22],
          [29, 31, 9],
          [5, 29, 4],
        ] as const) {
          const read = await subject.store.log.read(conversation, { from, to, limit, maxBytes: 1e6 });
          const expected = idsOf(sent).slice(from - 1, Math.min(to, from + limit - 1));
          expect([from, idsOf(read)]).toEqual([from, expected]);
        }
        await subject.reopen();
        expect(idsOf(await readAll())).toEqual(idsOf(sent));
      });

      it('stays where it is while it is young, and where there is too little of it', async () => {
        await open();
        await send(4);
        await subject.archive();
        expect(await hotSeqs()).toHaveLength(4);
        await send(20);
        subject.now = Date.now() + 7 * dayMs - 60_000;
        await subject.archive();
        expect(await hotSeqs()).toHaveLength(24);
      });

      it('is read whole while it leaves the database, a part at a time', async () => {
        await open({ sizes: { leastMessages: 4, mostMessages: 2_000 } });
        const sent = await send(1_500);
        await subject.cold.pass();
        subject.now += dayMs;
        let isOver = false;
        const moving = subject.cold.pass().finally(() => (isOver = true));
        while (!isOver) {
          expect(idsOf(await readAll())).toEqual(idsOf(sent));
          await new Promise((resolve) => setImmediate(resolve));
        }
        await moving;
        expect(await hotSeqs()).toEqual([1_500]);
      });

      it('gives the chain that it always had', async () => {
        await open();
        await send(40);
        const messages = await readAll();
        const expected = messages.reduce(nextLink, firstLink(conversation));
        await subject.archive();
        const folder = createFolder(subject.store);
        let point = null;
        for (let reached: unknown[] = []; reached.length === 0;) {
          ({ point, reached } = await folder.towards(conversation, point, [40]));
        }
        expect(Buffer.from(point?.link ?? []).equals(expected)).toBe(true);
      });

      it('is not sealed away when the chain says that it was changed', async () => {
        await open();
        await send(20);
        await subject.store.chains.keep(conversation, [{ seq: 5, link: Buffer.alloc(32, 1) }]);
        await subject.archive();
        expect(await hotSeqs()).toHaveLength(20);
      });

      it('knows its message ids: sent again, they have their seq, and are nobody else’s', async () => {
        await open();
        const sent = await send(20);
        await subject.archive();
        await subject.reopen();
        const [old] = sent.slice(3);
        const mine = old as NewMessage;
        const other = mine.user === anna.user ? ben : anna;
        const stranger = await addPerson(subject.store);
        const outcomes = await subject.store.log.append(
          [mine, newMessage(anna), { ...mine, user: other.user, device: other.device }, newMessage(ben)],
          Date.now(),
        );
        expect(outcomes).toMatchObject([
          { state: 'repeated', seq: 4, members: expect.arrayContaining([anna.user, ben.user]) as unknown },
          { state: 'accepted', seq: 21 },
          { state: 'refused', code: 'message_id_taken' },
          { state: 'accepted', seq: 22 },
        ]);
        const fromOutside = { ...mine, user: stranger.user, device: stranger.device };
        expect(await subject.store.log.append([fromOutside], 1)).toMatchObject([
          { state: 'refused', code: 'not_found' },
        ]);
      });

      it('agrees with a log that keeps everything, whatever is sent, sent again and moved', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(
              fc.oneof(
                fc.record({ act: fc.constant('send' as const), count: fc.integer({ min: 1, max: 12 }) }),
                fc.record({ act: fc.constant('again' as const), which: fc.nat(200) }),
                fc.record({ act: fc.constant('pass' as const) }),
                fc.record({ act: fc.constant('wait' as const) }),
                fc.record({ act: fc.constant('reopen' as const) }),
                fc.record({
                  act: fc.constant('read' as const),
                  from: fc.nat(60),
                  count: fc.integer({ min: 1, max: 30 }),
                }),
              ),
              { maxLength: 25 },
            ),
            async (acts) => {
              await open();
              const model: NewMessage[] = [];
              try {
                for (const act of acts) {
                  if (act.act === 'send') model.push(...(await send(act.count)));
                  if (act.act === 'pass') await subject.cold.pass();
                  if (act.act === 'wait') subject.now += 11 * 60_000;
                  if (act.act === 'reopen') await subject.reopen();
                  const again = act.act === 'again' ? model[act.which % Math.max(1, model.length)] : undefined;
                  if (again) {
                    const seq = model.indexOf(again) + 1;
                    expect(await subject.store.log.append([again], 1)).toMatchObject([{ state: 'repeated', seq }]);
                  }
                  if (act.act === 'read') {
                    const { from, count } = act;
                    const range = { from: from + 1, to: from + count, limit: count, maxBytes: 1e6 };
                    const read = await subject.store.log.read(conversation, range);
                    expect(idsOf(read)).toEqual(idsOf(model.slice(from, from + count)));
                  }
                }
                expect(idsOf(await readAll())).toEqual(idsOf(model));
              } finally {
                await subject.dispose();
              }
            },
          ),
          { numRuns: 25 },
        );
        await open();
      }, 60_000);
    });

    describe('a relay that dies', () => {
      const steps = ['before put', 'after put', 'before note', 'after note', 'before prune', 'after prune'] as const;

      it.each(steps)('%s loses nothing and doubles nothing, and the work is done by the next one', async (step) => {
        const death = { armed: true };
        const dying = <A extends unknown[], T>(name: string, act: (...input: A) => Promise<T>) => {
          return async (...input: A): Promise<T> => {
            if (death.armed && step === `before ${name}`) throw new Error('died');
            const value = await act(...input);
            if (death.armed && step === `after ${name}`) throw new Error('died');
            return value;
          };
        };
        await open({
          wrapSegments: (segments): SegmentStorage => ({ ...segments, put: dying('put', segments.put) }),
          wrapCatalogue: (catalogue): ColdCatalogue => ({
            ...catalogue,
            note: dying('note', catalogue.note),
            prune: dying('prune', catalogue.prune),
          }),
        });
        const sent = await send(20);
        await subject.archive();
        await subject.cold.pass();
        expect(idsOf(await readAll())).toEqual(idsOf(sent));
        death.armed = false;
        await subject.reopen();
        expect(idsOf(await readAll())).toEqual(idsOf(sent));
        const again = await subject.store.log.append(sent, Date.now());
        expect(again.map((outcome) => outcome.state === 'repeated' && outcome.seq)).toEqual(
          sent.map((_, at) => at + 1),
        );
        subject.now += 2 * dayMs;
        await subject.archive();
        expect(await hotSeqs()).toHaveLength(4);
        expect(idsOf(await readAll())).toEqual(idsOf(sent));
      });

      it('leaves no object that nobody names: the next attempt, a day later, takes it away', async () => {
        let fails = true;
        await open({
          wrapCatalogue: (catalogue) => ({
            ...catalogue,
            note: (segment) => (fails ? Promise.reject(new Error('died')) : catalogue.note(segment)),
          }),
        });
        await send(20);
        subject.now = Date.now() + 8 * dayMs;
        await subject.cold.pass();
        const [left, ...others] = await names();
        expect([left === undefined, others]).toEqual([false, []]);
        fails = false;
        await subject.archive();
        expect(await names()).toHaveLength(2);
        expect(await names()).not.toContain(left);
      });
    });

    describe('whoever keeps the segments', () => {
      it('can read nothing in them, not even who wrote in which order', async () => {
        await open();
        const sent = await send(20);
        await subject.archive();
        const kept = Buffer.concat(files().map((file) => readFileSync(file)));
        expect(kept.length).toBeGreaterThan(1_000);
        for (const { id } of sent) expect(kept.includes(`payload of ${id}`)).toBe(false);
        for (const secret of [anna.user, ben.user]) expect(kept.includes(secret)).toBe(false);
      });

      it('cannot change one, swap two or take one away without the relay noticing: it says so and serves the rest', async () => {
        await open();
        await send(20);
        await subject.archive();
        await subject.reopen();
        const [first = '', second = ''] = files();
        const [one, two] = [readFileSync(first), readFileSync(second)];
        const asUnavailable = { code: 'unavailable' };
        for (const change of [
          () => writeFileSync(first, Buffer.concat([one.subarray(0, -1), Buffer.from([(one.at(-1) ?? 0) ^ 1])])),
          () => writeFileSync(first, two),
          () => rmSync(first),
        ]) {
          change();
          await expect(readAll()).rejects.toMatchObject(asUnavailable);
          const end = await subject.store.log.read(conversation, { ...everything, from: 17 });
          expect(end.map(({ seq }) => seq)).toEqual([17, 18, 19, 20]);
          await subject.reopen();
          writeFileSync(first, one);
          expect(await readAll()).toHaveLength(20);
          await subject.reopen();
        }
      });

      it('does not get the relay to forget messages: what cannot be read back stays in the database', async () => {
        let lost = true;
        await open({
          wrapSegments: (segments) => ({
            ...segments,
            get: (name) => (lost ? Promise.resolve(null) : segments.get(name)),
          }),
        });
        const sent = await send(20);
        await subject.cold.pass();
        subject.now += dayMs;
        await subject.cold.pass();
        expect(await hotSeqs()).toHaveLength(20);
        lost = false;
        await subject.archive();
        expect(await hotSeqs()).toHaveLength(4);
        expect(idsOf(await readAll())).toEqual(idsOf(sent));
      });
    });

    describe('the settings', () => {
      it('are asked for by name when a relay is started without them after history was moved', async () => {
        await open();
        await refuseForgottenSegments(subject.plain);
        await send(20);
        await subject.archive();
        await expect(refuseForgottenSegments(subject.plain)).rejects.toThrow(/PARLEY_COLD_KEY/);
      });

      it('take a key of 32 bytes in hex or base64, and nothing else', async () => {
        await open();
        const key = Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7));
        expect(Buffer.from(parseColdKey(key.toString('hex')) ?? [])).toEqual(key);
        expect(Buffer.from(parseColdKey(` ${key.toString('base64')}\n`) ?? [])).toEqual(key);
        for (const wrong of ['', 'password', key.toString('hex').slice(2), 'ä'.repeat(64)]) {
          expect([wrong, parseColdKey(wrong)]).toEqual([wrong, null]);
        }
      });
    });

    async function names(): Promise<string[]> {
      const found: string[] = [];
      for await (const { name } of subject.segments.list('cold/')) found.push(name);
      return found;
    }

    /** In seq order. */
    function files(): string[] {
      const folder = join(subject.dataDir, 'cold');
      const seqOf = (file: string): number => Number(/(\d+)-\d+\.[0-9a-f]+$/.exec(file)?.[1]);
      return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort((a, b) => seqOf(a) - seqOf(b));
    }
  });
}

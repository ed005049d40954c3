/** `verify` finds what is wrong in a relay's data, wherever it is, and finds nothing in what is right. */
import {
  appendFileSync,
  cpSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../../protocol/index.ts';
import { verifyData } from '../../../signaling-server/cli/verify/verify.ts';
import { helloFrame, openPlainClient, registerAt } from '../../support/plain-client.ts';
import { BlobDevice, makeBlob, openConversation } from '../../support/relay-blobs.ts';
import { message } from '../../support/relay-client.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';
import { runRelayCommand } from '../../support/run-relay-command.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

/** Data of a relay that has stopped: 700 messages of alice and bob, 5 in alice's notes, one file. */
let sample: string;
let conversation: ConversationId;
const blob = makeBlob(600_016);

beforeAll(async () => {
  sample = await temporaryFolder();
  await makeSample();
});
afterAll(() => removeFolder(sample));

async function makeSample(): Promise<void> {
  const relay = await startRelay({ dataDir: sample });
  const [alice, bob] = [await registerAt(relay.address, 'alice'), await registerAt(relay.address, 'bob')];
  conversation = await openConversation(relay.address, alice, bob);
  const notes = await openConversation(relay.address, alice, alice);
  const row = (to: ConversationId, from = alice) => {
    return { ...message(to, 'hello'), user: from.account.id, device: from.device, kind: 'content' };
  };
  for (let at = 0; at < 700; at += 100) {
    const rows = Array.from({ length: 100 }, (_, index) => row(conversation, index % 3 ? alice : bob));
    await relay.store.log.append([...rows, row(notes)].slice(0, at < 500 ? 101 : 100), Date.now());
  }
  await new BlobDevice(relay.address, alice, conversation).upload(blob);
  await signOff(relay, bob.token);
  await relay.stop();
}

/** A device asks for the chain, so that there are checkpoints, and signs it off. */
async function signOff(relay: TestRelay, token: string): Promise<void> {
  const client = openPlainClient(relay.address);
  client.send(helloFrame(token), { type: 'chain', ref: 1, conversation, seqs: [0] });
  const { links } = await client.next('chained');
  client.send({ type: 'attest', heads: links.map((head) => ({ conversation, ...head })) }, { type: 'ping' });
  client.send({ type: 'cursor', conversation, read: 700 });
  await client.next('cursors');
  client.ws.close();
}

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  cpSync(sample, folder, { recursive: true });
});
afterEach(() => removeFolder(folder));

interface Told {
  readonly bad: readonly string[];
  readonly text: string;
}

const inFolder = { blobs: null, s3AccessKey: null, s3SecretKey: null, s3SessionToken: null };

async function verify(content = false): Promise<Told> {
  const bad: string[] = [];
  let text = '';
  for await (const finding of verifyData({ ...inFolder, data: folder }, { content })) {
    if (finding.state !== 'ok') bad.push(`${finding.state} ${finding.check}`);
    text += `${finding.check}: ${finding.found}\n`;
    if (finding.state !== 'ok') expect(finding.advice).toBeTruthy();
  }
  return { bad, text };
}

function damage(sql: string, ...values: unknown[]): void {
  const db = new Database(join(folder, 'relay.db'));
  db.pragma('foreign_keys = OFF');
  expect(db.prepare(sql).run(...values).changes).toBeGreaterThan(0);
  db.close();
}

const blobFile = (): string => join(folder, 'blobs', blob.id.slice(0, 2), blob.id);

it('finds nothing in data that is right, with what it looked at', async () => {
  const { bad, text } = await verify(true);
  expect(bad).toEqual([]);
  expect(text).toContain('messages: 705 in 2 conversations');
  expect(text).toContain('chains: 2 checkpoints');
  expect(text).toContain('index: 705 messages');
  expect(text).toContain('files: 1 that conversations hold, every byte');
});

describe('finds in the log', () => {
  const inTheMiddle = 'WHERE conversation = 1 AND seq = 300';

  it('a message that is gone', async () => {
    damage(`DELETE FROM log ${inTheMiddle}`);
    const { bad, text } = await verify();
    expect(bad).toEqual(['fail messages', 'fail index']);
    expect(text).toContain(`message 301 of ${conversation} comes after message 299`);
  });

  it('an end that is gone, although the numbers before it have no gap', async () => {
    damage('DELETE FROM log WHERE conversation = 1 AND seq > 690');
    damage('DELETE FROM log_ids WHERE row NOT IN (SELECT id FROM log)');
    damage(`UPDATE log_runs SET rows = (SELECT json_group_array(value) FROM json_each(rows)
      WHERE value IN (SELECT id FROM log)) WHERE conversation = 1`);
    const { bad, text } = await verify();
    expect(bad).toEqual(['fail messages']);
    expect(text).toContain(`${conversation} ends at message 690, and 700 was there`);
  });

  it('a payload or a sender that is not the accepted one any more', async () => {
    for (const change of ["payload = x'00'", 'device = 1, user = 1', 'payload = zeroblob(5)']) {
      rmSync(folder, { recursive: true });
      cpSync(sample, folder, { recursive: true });
      damage(`UPDATE log SET ${change} WHERE conversation = 1 AND seq = 401`);
      const { bad, text } = await verify();
      expect(bad).toEqual(['fail chains']);
      expect(text).toContain(`messages 257 to 512 of ${conversation} are not those that were accepted`);
    }
  });

  it('a change after the last checkpoint, by what a device signed off', async () => {
    damage("UPDATE log SET payload = x'00' WHERE conversation = 1 AND seq = 650");
    expect((await verify()).bad).toEqual(['warn devices']);
  });

  it('a number or an id that two messages have, a time that falls, and a sender that is not there', async () => {
    damage(`UPDATE log SET seq = 299 ${inTheMiddle}`);
    expect((await verify()).text).toContain(`message 299 of ${conversation} comes after message 299`);
    damage(`UPDATE log SET seq = 300 WHERE id = (SELECT max(id) FROM log WHERE seq = 299)`);
    expect((await verify()).bad).toEqual([]);
    damage(`UPDATE log SET message = (SELECT message FROM log WHERE conversation = 1 AND seq = 5) ${inTheMiddle}`);
    expect((await verify()).text).toContain(`message 300 of ${conversation} has an id that another one has`);
    damage(`UPDATE log SET time = 5 ${inTheMiddle}`);
    expect((await verify()).text).toContain('is earlier than the one before');
    damage(`UPDATE log SET device = 99 ${inTheMiddle}`);
    expect((await verify()).text).toContain('has no sender that is there');
    damage(`UPDATE log SET conversation = 99 ${inTheMiddle}`);
    expect((await verify()).text).toContain('belongs to a conversation that is not there');
  });
});

describe('finds in the index', () => {
  it('an entry that leads elsewhere, one that is missing, and one that cannot be read', async () => {
    damage("UPDATE log_runs SET rows = json_replace(rows, '$[3]', 1) WHERE conversation = 1 AND first_seq = 1");
    expect((await verify()).bad).toEqual(['fail index']);
    damage("UPDATE log_runs SET rows = 'x' WHERE conversation = 1 AND first_seq = 1");
    expect((await verify()).text).toContain('cannot be read at 1');
    damage('DELETE FROM log_runs WHERE conversation = 1');
    expect((await verify()).text).toContain(`the index of ${conversation} ends at 0 and not at 700`);
  });

  it('an id without a message, and a message without its id', async () => {
    damage('INSERT INTO log_ids VALUES (1, randomblob(16), 3)');
    expect((await verify()).bad).toEqual(['fail index']);
    damage('DELETE FROM log_ids WHERE row = 3');
    expect((await verify()).bad).toEqual(['fail messages']);
  });
});

describe('finds in the database', () => {
  it('a page that is damaged', async () => {
    const file = join(folder, 'relay.db');
    const handle = openSync(file, 'r+');
    const size = statSync(file).size;
    for (let at = 3 * 8_192; at < size; at += 5 * 8_192) writeSync(handle, Buffer.alloc(4_000, 0xa5), 0, 4_000, at);
    const { bad } = await verify();
    expect(bad[0]).toBe('fail database');
  });

  it('rows that refer to what is not there', async () => {
    damage('UPDATE members SET user = 77 WHERE conversation = 2');
    const { bad, text } = await verify();
    expect(bad).toEqual(['fail database']);
    expect(text).toContain('rows of members refer to what is not there');
  });
});

describe('finds of the files', () => {
  it('one that is missing, too short, or of other hashes', async () => {
    truncateSync(blobFile(), 600_000);
    expect((await verify()).text).toContain(`${blob.id} has 600000 bytes and not 600016`);
    rmSync(blobFile());
    expect((await verify()).text).toContain(`${blob.id} is missing`);
    cpSync(join(sample, 'blobs'), join(folder, 'blobs'), { recursive: true });
    appendFileSync(`${blobFile()}.hashes`, 'x');
    expect((await verify()).bad).toEqual(['fail files']);
    rmSync(`${blobFile()}.hashes`);
    expect((await verify()).text).toContain(`${blob.id} cannot be read`);
  });

  it('one byte that changed, when asked to read them all', async () => {
    const bytes = readFileSync(blobFile());
    bytes[599_000] = (bytes[599_000] ?? 0) ^ 1;
    writeFileSync(blobFile(), bytes);
    expect((await verify()).bad).toEqual([]);
    const { bad, text } = await verify(true);
    expect(bad).toEqual(['fail files']);
    expect(text).toContain(`${blob.id} has other content than was sent`);
  });
});

describe('as a command', () => {
  const run = (args: string) => runRelayCommand([...args.split(' '), '--data', folder]);

  it('says a line each and ends with 0, and with 1 when something differs, and changes nothing', async () => {
    const before = readFileSync(join(folder, 'relay.db'));
    const whole = await run('verify --content');
    expect(whole).toMatchObject({ code: 0, err: '' });
    expect(whole.out.match(/^ok {4}/gm)).toHaveLength(6);
    expect(readFileSync(join(folder, 'relay.db')).equals(before)).toBe(true);
    damage('DELETE FROM log WHERE seq = 300');
    const broken = await run('verify');
    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(/^fail {2}messages .*\n +→ Stop the relay/m);
  });

  it('finds nothing while a relay takes messages all the time', async () => {
    const relay = await startRelay({ dataDir: folder });
    const carol = await registerAt(relay.address, 'carol');
    const notes = await openConversation(relay.address, carol, carol);
    let stopped = false;
    const traffic = (async () => {
      let sent = 0;
      for (; !stopped; sent += 50) {
        const row = () => ({ ...message(notes, 'x'), user: carol.account.id, device: carol.device, kind: 'content' });
        await relay.store.log.append(Array.from({ length: 50 }, row), Date.now());
        await relay.store.conversations.advance([{ conversation: notes, user: carol.account.id, read: sent + 50 }]);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return sent;
    })();
    for (let round = 0; round < 3; round++) expect((await verify()).bad).toEqual([]);
    expect(await run('verify')).toMatchObject({ code: 0 });
    stopped = true;
    expect(await traffic).toBeGreaterThan(500);
    await relay.stop();
    expect((await verify()).bad).toEqual([]);
  });

  it('without data, or with data of an earlier version, says what to do', async () => {
    damage('DELETE FROM attestations');
    const db = new Database(join(folder, 'relay.db'));
    db.pragma('user_version = 2');
    db.close();
    expect(await run('verify')).toMatchObject({ code: 1 });
    expect((await run('verify')).err).toContain('start the relay once');
    expect(await runRelayCommand(['verify', '--data', join(folder, 'nowhere')])).toMatchObject({ code: 1 });
  });
});

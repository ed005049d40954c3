/** People with real-looking names and things to say, played by headless clients beside the app under test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHeadlessClient, type HeadlessClient } from '../../main/engine/headless.ts';
import type { ConversationId } from '../../protocol/index.ts';
import type { Person } from './people.ts';

const password = 'correct horse battery';

export interface Part extends Person {
  /** What they write to the app's person, oldest first. */
  readonly says: readonly string[];
}

const thousandLines = Array.from({ length: 1_000 }, (_, line) => `${line + 1}. done`).join('\n');

export const cast: readonly Part[] = [
  part('zoe', 'Zoë van der Meer', ['The train is late again, I’ll be there at ten past.', '👍']),
  part('yamada', '山田太郎', ['明日の会議は午後三時からです。よろしくお願いします。']),
  part('mohammed', 'محمد العلي', ['مرحبا، هل وصلت الرسالة؟ أرسلت الملف صباح اليوم.']),
  part('max', 'Maximiliana Featherstonehaugh-Wolfeschlegelsteinhausenbergerdorf', [
    'https://example.org/a/very/long/path/that/does/not/want/to/break/anywhere/at/all/because/it/has/no/spaces?and=a&long=query',
  ]),
  part('ops', 'Night shift', [thousandLines]),
  part('lena', 'Lena 🌻', ['Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen', '😂😂😂']),
  part('sam', 'Sam', ['ok']),
  part('priya', 'Priya Raghunathan', [
    'Numbers look good. Shall we ship on Thursday?',
    'I can take the release notes.',
  ]),
];

export const dialogue: readonly (readonly ['app' | 'other', string])[] = [
  ['other', 'Did the relay survive the night?'],
  ['app', 'It did. 41 days up, 0 lost.'],
  ['other', 'And the backup?'],
  ['app', 'Ran at four, 1.2 GB, restored it on the spare machine to be sure.'],
  ['app', 'The restore took eleven minutes. I wrote down the steps so that next time anybody can do it without me.'],
  ['other', '🎉'],
  ['other', 'Then I’ll move my team over this week. How do they join?'],
  ['app', 'They type relay.example.org and an invite code. I’ll make you twelve.'],
  ['other', 'Perfect, thank you!'],
];

function part(username: string, name: string, says: readonly string[]): Part {
  return { username, name, password, says };
}

/** Headless clients of one test, each in a folder of its own. */
export class Company {
  readonly #relay: string;
  readonly #clients: HeadlessClient[] = [];
  #folder: string | null = null;

  constructor(relay: string) {
    this.#relay = relay;
  }

  async join({ username, name, password }: Person): Promise<HeadlessClient> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'parley-company-'));
    const client = await createHeadlessClient({
      dataDir: join(this.#folder, username),
      address: this.#relay,
      username,
      password,
      register: { displayName: name },
    });
    this.#clients.push(client);
    return client;
  }

  async leave(): Promise<void> {
    for (const client of this.#clients) await client.stop();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @returns the direct conversation of the client with the person of this username. */
export async function conversationWith(client: HeadlessClient, username: string): Promise<ConversationId> {
  const [person] = await client.invoke('people.search', { query: username });
  if (!person) throw new Error(`Nobody is called ${username}.`);
  return (await client.invoke('conversations.start', { user: person.id })).id;
}

/** Resolves when everything that the client sent is on the relay. */
export async function allSent(client: HeadlessClient, conversation: ConversationId): Promise<void> {
  const done = async (): Promise<boolean> => {
    const { preview } = await client.invoke('conversations.get', { conversation });
    return preview !== null && preview.state !== 'queued';
  };
  await new Promise<void>((resolve, reject) => {
    const off = client.on('conversations.changed', () => check());
    const check = (): void => {
      done().then((sent) => {
        if (!sent) return;
        off();
        resolve();
      }, reject);
    };
    check();
  });
}

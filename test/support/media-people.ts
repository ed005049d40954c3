/** Two people in real apps who send one another files, and what their tests look at. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Locator } from '@playwright/test';
import type { MediaSettings, TransferView } from '../../bridge/media-views.ts';
import { probeBridge, type BridgeProbe } from './bridge-probe.ts';
import { ChatApp } from './chat-app.ts';
import { anna, ben, type Person } from './people.ts';
import type { LaunchOptions } from './electron-app.ts';
import { spawnRelay, type SpawnedRelay } from './start-relay.ts';

/** A person in front of a real app, with a line to its engine for what no screen shows. */
export interface Sharer {
  readonly app: ChatApp;
  readonly probe: BridgeProbe;
}

/** One test's relay, folder and apps; all gone after `leave`. */
export class MediaScene {
  readonly folder: string;
  relay: SpawnedRelay;
  readonly #apps = new Set<ChatApp>();

  constructor(folder: string, relay: SpawnedRelay) {
    this.folder = folder;
    this.relay = relay;
  }

  /** @param relayArgs further flags of `parley-relay serve` */
  static async enter(relayArgs: readonly string[] = []): Promise<MediaScene> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-media-'));
    return new MediaScene(folder, await spawnRelay({ dataDir: join(folder, 'relay'), args: relayArgs }));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async register(person: Person, options: LaunchOptions = {}): Promise<Sharer> {
    const dataDir = this.path(person.username);
    return this.#keep(await ChatApp.openAndRegister(person, this.relay.address, { dataDir, ...options }));
  }

  /** The person's app again, with the folder it had before; or, with `device`, on another computer. */
  async reopen(person: Person, options: LaunchOptions = {}): Promise<Sharer> {
    const app = await ChatApp.open(person, { dataDir: this.path(person.username), ...options });
    await app.expectSignedIn();
    return this.#keep(app);
  }

  async logInElsewhere(person: Person, device: string): Promise<Sharer> {
    const options = { dataDir: this.path(`${person.username}-${device}`), relaySuggestion: this.relay.address };
    const app = await ChatApp.open(person, options);
    await app.logIn();
    await app.expectSignedIn();
    return this.#keep(app);
  }

  async #keep(app: ChatApp): Promise<Sharer> {
    this.#apps.add(app);
    return { app, probe: await probeBridge(app.page) };
  }

  /** Both registered, with the conversation open on both screens. */
  async pair(options: LaunchOptions = {}): Promise<{ a: Sharer; b: Sharer }> {
    const a = await this.register(anna, options);
    const b = await this.register(ben, options);
    await a.app.startChat(ben);
    await a.app.send('Hello Ben');
    await b.app.openChat(anna.name);
    await b.app.expectMessage('Hello Ben');
    return { a, b };
  }

  async end({ app }: Sharer, how: 'close' | 'kill'): Promise<void> {
    this.#apps.delete(app);
    await app[how]();
  }

  async leave(): Promise<void> {
    for (const app of this.#apps) await app.close();
    await this.relay.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The card of a file in the conversation. */
export function fileCard({ app }: Sharer, name: string): Locator {
  return app.page.getByRole('article').getByRole('group', { name, exact: true });
}

/** The newest transfer of a file with this name; undefined while there is none. */
export async function transferOf({ probe }: Sharer, name: string): Promise<TransferView | undefined> {
  return (await probe.engine('transfers.list')).find((view) => view.name === name);
}

export async function expectTransfer(
  sharer: Sharer,
  name: string,
  state: TransferView['state'],
  timeout = 30_000,
): Promise<TransferView> {
  await expect
    .poll(async () => (await transferOf(sharer, name))?.state ?? 'none', { timeout, intervals: [100] })
    .toBe(state);
  const view = await transferOf(sharer, name);
  if (!view) throw new Error(`The transfer of ${name} went away.`);
  return view;
}

/** Waits until a part of the file, 0 to 1, is through. */
export async function expectPart(sharer: Sharer, name: string, part: number, timeout = 120_000): Promise<TransferView> {
  const share = async (): Promise<number> => {
    const view = await transferOf(sharer, name);
    return view ? view.done / view.bytes : 0;
  };
  await expect.poll(share, { timeout, intervals: [50] }).toBeGreaterThanOrEqual(part);
  const view = await transferOf(sharer, name);
  if (!view) throw new Error(`The transfer of ${name} went away.`);
  return view;
}

export async function useSettings(settings: Partial<MediaSettings>, ...sharers: Sharer[]): Promise<void> {
  for (const { probe } of sharers) await probe.engine('media.set-settings', settings);
}

/** Presses "Download" on a file's card. */
export async function download(sharer: Sharer, name: string): Promise<void> {
  await fileCard(sharer, name)
    .getByRole('button', { name: /^Download / })
    .first()
    .click();
}

/** Saves a file as a person does; the system's dialog answers with this path at once. */
export async function saveAs(sharer: Sharer, name: string, path: string): Promise<void> {
  await sharer.app.parley.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, path);
  const card = fileCard(sharer, name);
  await card.hover();
  await card.getByRole('button', { name: `Save ${name} as…` }).click();
}

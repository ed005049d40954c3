/**
 * Devices that have nothing but transfers: real tables, real vaults and real HTTP; the signals and the connections between
 * them are in the test's hands.
 */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MediaRef, MediaSettings, TransferView } from '../../bridge/media-views.ts';
import { defaultMediaSettings } from '../../bridge/media-views.ts';
import type { BlobRef } from '../../main/engine/blobs/blob-vault.ts';
import { createBlobVault, type EngineVault } from '../../main/engine/blobs/create-blob-vault.ts';
import { createBlobClient } from '../../main/engine/connection/blob-client.ts';
import { httpClient } from '../../main/engine/connection/http-client.ts';
import { systemClock } from '../../main/engine/runtime/clock.ts';
import { silentLog } from '../../main/engine/runtime/log.ts';
import { openStore, type Store } from '../../main/engine/storage/store.ts';
import { createTransfers } from '../../main/engine/transfers/create-transfers.ts';
import { defaultTiming, type TransferTiming } from '../../main/engine/transfers/timing.ts';
import type { Transfers } from '../../main/engine/transfers/transfers.ts';
import {
  chunkFormat,
  createId,
  decodeSignalContent,
  encodeSignalContent,
  type ConversationId,
  type DeviceId,
  type MessageId,
  type SignalContent,
  type UserId,
} from '../../protocol/index.ts';
import { temporaryFolder } from './engine-client.ts';
import { eventually } from './engine-people.ts';
import { PeerNetwork, type LinkedPage } from './linked-peers.ts';
import { ScriptedBlobs } from './scripted-blobs.ts';

/** Short waits, so that tests of what happens after them are short too. */
export const quickTiming: TransferTiming = {
  ...defaultTiming,
  graceMs: 1_000,
  connectMs: 2_500,
  silentMs: 2_000,
  stalledMs: 3_000,
  idleMs: 800,
  idlePageMs: 300,
  askAgainMs: 1_000,
  refreshMs: 150,
  hurryMs: 1_500,
  viewsMs: 30,
  absent: { firstMs: 200, longestMs: 1_000 },
  fault: { firstMs: 200, longestMs: 1_000 },
  reconnect: { firstMs: 50, longestMs: 300 },
};

/** A file that was sent in the conversation. */
export interface SentFile extends BlobRef {
  readonly ref: MediaRef;
  readonly hash: string;
}

export interface Station {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly page: LinkedPage;
  readonly transfers: Transfers;
  readonly vault: EngineVault;
  readonly store: Store;
  /** Every view that was told, in order. */
  readonly told: TransferView[];
  /** Kinds of the signals that it sent. */
  readonly signalled: SignalContent['kind'][];
  settings: MediaSettings;
  /** Seals random bytes into the vault and sends them in the conversation. */
  send(bytes: number): Promise<SentFile>;
  /** The message with the file came in, and the file is wanted. */
  want(file: SentFile): void;
  /** SHA-256 of the deciphered file. */
  hashOf(file: SentFile): Promise<string>;
  view(file: SentFile): TransferView | null;
  up(): void;
  down(): void;
  /** The process ends without any farewell; the folder stays. */
  kill(): Promise<void>;
}

export interface StationOptions {
  readonly user?: UserId;
  readonly device?: DeviceId;
  readonly folder?: string;
  readonly timing?: Partial<TransferTiming>;
}

export class Stations {
  readonly conversation = createId<ConversationId>();
  readonly network = new PeerNetwork();
  readonly blobs = new ScriptedBlobs();
  readonly files = new Map<string, SentFile>();
  readonly #stations = new Map<DeviceId, { station: Station; isUp: boolean }>();
  readonly #users = new Set<UserId>();
  #base = '';

  static async create(): Promise<Stations> {
    const made = new Stations();
    made.#base = await made.blobs.listen();
    return made;
  }

  /** Opens a device; it is up unless the test takes it down. */
  async open(options: StationOptions = {}): Promise<Station> {
    const user = options.user ?? createId<UserId>();
    const device = options.device ?? createId<DeviceId>();
    const folder = options.folder ?? (await temporaryFolder());
    this.#users.add(user);
    const station = await this.#build(user, device, folder, { ...quickTiming, ...options.timing });
    this.#stations.set(device, { station, isUp: true });
    this.#folders.set(device, folder);
    station.transfers.up();
    return station;
  }

  /** The same device again, after `kill`. */
  reopen({ user, device }: Station): Promise<Station> {
    const folder = this.#folders.get(device);
    return this.open({ user, device, ...(folder === undefined ? {} : { folder }) });
  }
  readonly #folders = new Map<DeviceId, string>();

  async #build(user: UserId, device: DeviceId, folder: string, timing: TransferTiming): Promise<Station> {
    const store = openStore(join(folder, 'history.db'), () => profileOf(user));
    const fault = (error: unknown) => {
      throw error;
    };
    const vault = createBlobVault({ folder, store, clock: systemClock, onFault: fault });
    await vault.open();
    const page = this.network.page(device);
    const told: TransferView[] = [];
    const signalled: SignalContent['kind'][] = [];
    let killed = false;
    const transfers = createTransfers(
      {
        self: user,
        device,
        table: store.transfers,
        vault,
        relay: createBlobClient({ base: this.#base, token: 'token', http: httpClient, clock: systemClock }),
        peers: page,
        clock: systemClock,
        random: () => 0.9,
        log: silentLog,
        now: () => Date.now(),
        settings: () => station.settings,
        find: (ref) => this.#find(ref),
        members: () => [...this.#users],
        person: (id) => profileOf(id),
        signal: (conversation, content, target = {}) => {
          signalled.push(content.kind);
          this.#deliver({ conversation, user, device }, content, target);
        },
        onChanged: (views) => told.push(...views),
        onFault: fault,
      },
      timing,
    );
    const close = async () => {
      if (killed) return;
      killed = true;
      this.#stations.delete(device);
      await transfers.close();
      await vault.close();
      store.close();
    };
    onTestFinished(close);
    const station: Station = {
      ...{ user, device, page, transfers, vault, store, told, signalled },
      settings: defaultMediaSettings,
      send: (bytes) => this.#send(station, bytes),
      want: (file) => {
        store.transact(() => {
          store.blobs.add(file);
          store.transfers.add({ blob: file.blob, direction: 'in', ref: file.ref, now: Date.now() });
        });
        transfers.look();
      },
      hashOf: (file) => plainHash(vault, file),
      view: (file) => transfers.viewOf(file.ref),
      up: () => this.#setUp(device, true),
      down: () => this.#setUp(device, false),
      kill: async () => {
        page.crash();
        await close();
      },
    };
    return station;
  }

  #find(ref: MediaRef) {
    const file = this.files.get(ref.message);
    return file ? { ...file, name: 'file.bin', kind: 'file' as const } : null;
  }

  async #send({ vault, store, transfers }: Station, bytes: number): Promise<SentFile> {
    const plain = randomBytes(bytes);
    const writer = vault.writer();
    await writer.write(plain);
    const sealed = await writer.finish();
    const ref = { conversation: this.conversation, message: createId<MessageId>(), item: 0 };
    const file = { ...sealed, ref, hash: createHash('sha256').update(plain).digest('hex') };
    this.files.set(ref.message, file);
    await vault.adopt([sealed], () => {
      store.transfers.add({ blob: sealed.blob, direction: 'out', ref, now: Date.now() });
    });
    transfers.offer(sealed.blob);
    return file;
  }

  #setUp(device: DeviceId, isUp: boolean): void {
    const entry = this.#stations.get(device);
    if (!entry || entry.isUp === isUp) return;
    entry.isUp = isUp;
    if (isUp) entry.station.transfers.up();
    else entry.station.transfers.down();
  }

  /** As the relay does it: to all devices of the others or to one, never back, never to who is away. */
  #deliver(
    origin: { conversation: ConversationId; user: UserId; device: DeviceId },
    content: SignalContent,
    target: { device?: DeviceId; own?: boolean },
  ): void {
    if (this.#stations.get(origin.device)?.isUp !== true) return;
    const bytes = encodeSignalContent(content);
    for (const [device, { station, isUp }] of this.#stations) {
      const isMeant = target.device ? device === target.device : station.user !== origin.user || target.own === true;
      if (!isUp || !isMeant || device === origin.device) continue;
      setImmediate(() => {
        const received = decodeSignalContent(bytes);
        if (received && received.kind !== 'typing') station.transfers.takeSignal(origin, received);
      });
    }
  }
}

/** Waits until a transfer is in a state. */
export function reaches(station: Station, file: SentFile, state: TransferView['state']): Promise<TransferView> {
  return eventually(() => {
    const view = station.view(file);
    if (view?.state !== state) throw new Error(`The transfer is ${JSON.stringify(view)}.`);
    return view;
  });
}

export async function plainHash(vault: EngineVault, { blob, bytes }: BlobRef): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes; at += chunkFormat.plainBytes) {
    const part = await vault.plain(blob, at, Math.min(chunkFormat.plainBytes, bytes - at));
    if (!part) throw new Error(`Bytes at ${at} are missing.`);
    hash.update(part);
  }
  return hash.digest('hex');
}

function profileOf(id: UserId) {
  return { id, username: `u${id.slice(-6)}`, displayName: `Person ${id.slice(-6)}` };
}

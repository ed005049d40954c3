/** The hidden peer pages of several engines, joined inside one process: frames in order, and in the test's hands. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { peerContract } from '../../bridge/peer-contract.ts';
import type { Port, RpcServer } from '../../bridge/rpc.ts';
import { serveRpc } from '../../bridge/rpc.ts';
import type { PeerHost } from '../../main/engine/options.ts';
import { createLinkedPorts } from '../../main/engine/runtime/linked-ports.ts';
import { decodePeerFrame, type PeerFrame } from '../../main/engine/transfers/peer-frames.ts';
import { ParleyError } from '../../protocol/index.ts';

type Server = RpcServer<typeof peerContract>;

interface End {
  readonly page: LinkedPage;
  readonly server: Server;
  readonly initiator: boolean;
  open: boolean;
}

/** What becomes of a frame on its way: itself, another, none, or none yet. */
export type Tap = (
  frame: Uint8Array,
  head: PeerFrame['head'] | null,
  from: LinkedPage,
) => Uint8Array | null | Promise<Uint8Array | null>;

export interface LinkedPage extends PeerHost {
  readonly name: string;
  /** How often the page was opened. */
  readonly opened: number;
  readonly isOpen: boolean;
  /** The page dies with all its connections, as after a crash. */
  crash(): void;
}

export class PeerNetwork {
  /** Connections by name, each with one or two ends. */
  readonly #ends = new Map<string, End[]>();
  /** Names of all connections that came about. */
  readonly made: string[] = [];
  /** Types of the frames that passed, counted. */
  readonly passed = new Map<string, number>();
  path: 'direct' | 'turn' = 'direct';
  /** While it is blocked no connection comes about. */
  blocked = false;
  tap: Tap = (frame) => frame;
  /** While it is set, every other frame that may come in any order is overtaken by later ones. */
  overtaking = false;
  #loose = 0;

  page(name: string): LinkedPage {
    let port: Port | null = null;
    let opened = 0;
    const page: LinkedPage = {
      name,
      get opened() {
        return opened;
      },
      get isOpen() {
        return port !== null;
      },
      open: async () => {
        const [engineSide, pageSide] = createLinkedPorts();
        port = pageSide;
        opened++;
        this.#serve(page, pageSide);
        return engineSide;
      },
      close: () => {
        this.#dropPage(page);
        port = null;
      },
      crash: () => {
        this.#dropPage(page);
        port?.close();
        port = null;
      },
    };
    return page;
  }

  count(type: PeerFrame['head']['type']): number {
    return this.passed.get(type) ?? 0;
  }

  /** All connections break. */
  cut(): void {
    for (const name of [...this.#ends.keys()]) this.#drop(name, 'cut');
  }

  #serve(page: LinkedPage, port: Port): void {
    const server: Server = serveRpc(
      peerContract,
      {
        'peer.open': ({ peer, initiator }) => {
          const ends = this.#ends.get(peer) ?? [];
          this.#ends.set(peer, [...ends, { page, server, initiator, open: false }]);
          if (initiator) server.emit('peer.step', { peer, data: 'offer' });
        },
        'peer.step': ({ peer, data }) => this.#step(peer, page, data),
        'peer.send': ({ peer, frame, anyOrder }) => this.#send(peer, page, frame, anyOrder),
        'peer.close': ({ peer }) => this.#drop(peer, 'closed', page),
      },
      port,
      (_name, error) => {
        throw error;
      },
    );
  }

  #step(peer: string, page: LinkedPage, data: string): void {
    const ends = this.#ends.get(peer) ?? [];
    const own = ends.find((end) => end.page === page);
    if (!own || this.blocked) return;
    if (data === 'offer' && !own.initiator) own.server.emit('peer.step', { peer, data: 'answer' });
    if (data !== 'answer' || !own.initiator || ends.length < 2) return;
    this.made.push(peer);
    for (const end of ends) {
      end.open = true;
      end.server.emit('peer.opened', { peer, path: this.path });
    }
  }

  async #send(peer: string, page: LinkedPage, frame: Uint8Array, anyOrder: boolean): Promise<void> {
    await nextTurn();
    const other = this.#ends.get(peer)?.find((end) => end.page !== page);
    if (!other?.open) throw new ParleyError('unreachable', { message: 'The connection is closed.' });
    const head = decodePeerFrame(frame)?.head ?? null;
    const passing = await this.tap(frame, head, page);
    if (!passing) return;
    if (this.#ends.get(peer)?.includes(other) !== true) return;
    if (head) this.passed.set(head.type, this.count(head.type) + 1);
    const emit = (bytes: Uint8Array) => other.server.emit('peer.frame', { peer, frame: bytes });
    if (!this.overtaking || !anyOrder || this.#loose++ % 2 === 1) return emit(passing);
    // The sender writes over its memory.
    const late = passing.slice();
    void this.#overtaken(peer, other, () => emit(late));
  }

  /** Once frames that were sent later have passed. */
  async #overtaken(peer: string, other: End, emit: () => void): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    if (this.#ends.get(peer)?.includes(other) === true) emit();
  }

  #drop(peer: string, reason: string, by: LinkedPage | null = null): void {
    const ends = this.#ends.get(peer) ?? [];
    this.#ends.delete(peer);
    for (const end of ends) if (end.page !== by) end.server.emit('peer.closed', { peer, reason });
  }

  #dropPage(page: LinkedPage): void {
    for (const [peer, ends] of [...this.#ends])
      if (ends.some((end) => end.page === page)) this.#drop(peer, 'gone', page);
  }
}

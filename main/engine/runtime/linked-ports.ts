/** Two bridge ports joined inside one process, which behave as a MessagePort does: cloned, in order, a turn later. */
import type { Port } from '../../../bridge/rpc.ts';

class LinkedPort implements Port {
  #peer: LinkedPort | null = null;
  #listener: ((message: unknown) => void) | null = null;
  #held: unknown[] = [];
  #closeListeners: (() => void)[] = [];
  #closed = false;

  join(peer: LinkedPort): void {
    this.#peer = peer;
  }

  post(message: unknown): void {
    const copy: unknown = structuredClone(message);
    queueMicrotask(() => this.#peer?.receive(copy));
  }

  receive(message: unknown): void {
    if (this.#closed) return;
    if (this.#listener) this.#listener(message);
    else this.#held.push(message);
  }

  listen(listener: (message: unknown) => void): void {
    this.#listener = listener;
    for (const message of this.#held.splice(0)) listener(message);
  }

  onClose(listener: () => void): void {
    this.#closeListeners.push(listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#closeListeners) listener();
    const peer = this.#peer;
    queueMicrotask(() => peer?.close());
  }
}

export function createLinkedPorts(): [Port, Port] {
  const one = new LinkedPort();
  const other = new LinkedPort();
  one.join(other);
  other.join(one);
  return [one, other];
}

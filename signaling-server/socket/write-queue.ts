/** The connections that have something to write: each is written to once a turn, at its end. */
import type { Connection } from './connection.ts';

export class WriteQueue {
  #waiting: Connection[] = [];
  #scheduled = false;

  add(connection: Connection): void {
    this.#waiting.push(connection);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const connection of waiting) connection.flush();
  }
}

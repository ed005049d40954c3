/** COPY … FROM STDIN over a connection of pg, which leaves the data's part of it to whoever submits the query. */
import type { ClientBase, Connection, Submittable } from 'pg';

/** What pg's connections do for COPY; its types leave it out. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Of one message to the server at most. */
const chunkBytes = 256 * 1024;

/** @param data all of it, in the form that the statement names. Rejects with the server's error; nothing is kept then. */
export function copyIn(client: ClientBase, statement: string, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(statement, data, (error) => (error ? reject(error) : resolve())));
  });
}

class CopyIn implements Submittable {
  readonly #statement: string;
  readonly #data: Buffer;
  readonly #done: (error: Error | null) => void;

  constructor(statement: string, data: Buffer, done: (error: Error | null) => void) {
    this.#statement = statement;
    this.#data = data;
    this.#done = done;
  }

  submit(connection: Connection): void {
    connection.query(this.#statement);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    for (let at = 0; at < this.#data.byteLength; at += chunkBytes)
      connection.sendCopyFromChunk(this.#data.subarray(at, at + chunkBytes));
    connection.endCopyFrom();
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#done(null);
  }

  handleError(error: Error): void {
    this.#done(error);
  }
}

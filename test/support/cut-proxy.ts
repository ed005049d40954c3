/** A TCP proxy before a server, whose connections a test can hold up and cut. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CutProxy {
  readonly port: number;
  /** From now on nothing that the server says arrives; what clients say still does. */
  holdAnswers(): void;
  /** The same from the moment on when a client says this. Resolves then. */
  holdAnswersAfter(words: string): Promise<void>;
  /** From now on answers arrive again, those that were held first. */
  releaseAnswers(): void;
  /** Nothing arrives any more, either way, and no connection ends. */
  freeze(): void;
  /** Ends all connections, as a cable that is pulled with a reset. New ones may be made. */
  cut(): void;
  /** Connections that are open. */
  readonly connections: number;
  close(): Promise<void>;
}

export async function openCutProxy(target: number): Promise<CutProxy> {
  const pairs = new Set<{ client: Socket; server: Socket }>();
  let isHolding = false;
  let awaited: { words: string; heard: () => void } | null = null;

  function holdAnswers(): void {
    isHolding = true;
    for (const { client, server } of pairs) server.unpipe(client);
  }

  /** Runs before what was said goes on to the server, since it was asked first. */
  function listen(said: Buffer): void {
    if (!awaited || !said.toString('latin1').includes(awaited.words)) return;
    holdAnswers();
    awaited.heard();
    awaited = null;
  }

  const listener = createServer((client) => {
    const server = connect(target, '127.0.0.1');
    const pair = { client, server };
    pairs.add(pair);
    client.on('data', listen);
    client.pipe(server);
    server.pipe(client);
    if (isHolding) server.unpipe(client);
    for (const socket of [client, server]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        server.destroy();
        pairs.delete(pair);
      });
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');

  function cut(): void {
    for (const { client, server } of pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
  }

  return {
    port: (listener.address() as AddressInfo).port,
    holdAnswers,
    holdAnswersAfter: (words) => new Promise((resolve) => void (awaited = { words, heard: resolve })),
    releaseAnswers() {
      isHolding = false;
      for (const { client, server } of pairs) server.pipe(client);
    },
    freeze() {
      for (const { client, server } of pairs) {
        client.pause().unpipe(server);
        server.pause().unpipe(client);
      }
    },
    cut,
    get connections() {
      return pairs.size;
    },
    async close() {
      cut();
      listener.close();
      await once(listener, 'close');
    },
  };
}

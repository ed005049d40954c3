/** The baseline for the relay's way: a static Node server that takes a file by PUT and gives it by GET, nothing else. */
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** @param folder where files lie. Run as a process of its own: `node static-server.ts FOLDER`; prints its port. */
export function startStaticServer(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const file = join(folder, 'served');
    if (request.method === 'PUT') {
      pipeline(request, createWriteStream(file)).then(
        () => response.writeHead(204).end(),
        () => response.destroy(),
      );
    } else {
      response.writeHead(200, { 'content-length': statSync(file).size });
      pipeline(createReadStream(file), response).catch(() => response.destroy());
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

const [, script, folder] = process.argv;
if (script?.endsWith('static-server.ts') && folder) {
  const server = await startStaticServer(folder);
  console.log((server.address() as AddressInfo).port);
}

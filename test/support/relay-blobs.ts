/** Blobs for tests of the relay, and a device that sends and fetches them over HTTP. */
import { createHash, randomBytes } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import {
  blobIdSchema,
  blobPath,
  chunkFormat,
  conversationAnswerSchema,
  type BlobId,
  type ConversationId,
  type Session,
} from '../../protocol/index.ts';

export interface MadeBlob {
  readonly id: BlobId;
  readonly bytes: Buffer;
  readonly hashes: Buffer;
}

/** A blob of so many random bytes: to the relay, sealed chunks are nothing else. Its size must be that of some file. */
export function makeBlob(bytes: number): MadeBlob {
  return blobOf(randomBytes(bytes));
}

export function blobOf(bytes: Buffer): MadeBlob {
  const hashes: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkFormat.sealedBytes) {
    hashes.push(
      createHash('sha256')
        .update(bytes.subarray(at, at + chunkFormat.sealedBytes))
        .digest(),
    );
  }
  const list = Buffer.concat(hashes);
  const id = createHash('sha256').update(chunkFormat.blobIdPrefix).update(list).digest('hex');
  return { id: blobIdSchema.parse(id), bytes, hashes: list };
}

export interface BlobAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Code of the error, if it is one. */
  readonly code: string | undefined;
  /** The body as JSON. */
  readonly json: { offset?: number; whole?: boolean; error?: { code: string; message: string } };
}

interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string | number>;
  readonly body?: Buffer | Readable | undefined;
}

/** A logged-in device in a conversation. */
export class BlobDevice {
  readonly #address: string;
  readonly #token: string;
  readonly conversation: ConversationId;

  constructor(address: string, { token }: Pick<Session, 'token'>, conversation: ConversationId) {
    this.#address = address;
    this.#token = token;
    this.conversation = conversation;
  }

  in(conversation: ConversationId): BlobDevice {
    return new BlobDevice(this.#address, { token: this.#token }, conversation);
  }

  begin({ id, bytes }: MadeBlob, size = bytes.length): Promise<BlobAnswer> {
    const body = Buffer.from(JSON.stringify({ blob: id, bytes: size }));
    return this.ask(blobPath(this.conversation), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length },
      body,
    });
  }

  /** Sends these bytes as they are, whatever the blob has there. */
  patch(blob: BlobId, offset: number, body: Buffer | Readable): Promise<BlobAnswer> {
    const headers = { 'content-type': 'application/octet-stream', 'upload-offset': offset };
    return this.ask(blobPath(this.conversation, blob), { method: 'PATCH', headers, body });
  }

  /** Begins and sends all. @throws Error when either is refused. */
  async upload(blob: MadeBlob): Promise<void> {
    const begun = await this.begin(blob);
    if (begun.code !== undefined) throw new Error(`begin: ${begun.code}`);
    if (begun.json.whole) return;
    const sent = await this.patch(blob.id, 0, blob.bytes);
    if (sent.status !== 204) throw new Error(`patch: ${sent.code ?? sent.status}`);
  }

  get(blob: BlobId, range?: string): Promise<BlobAnswer> {
    return this.ask(blobPath(this.conversation, blob), { headers: range === undefined ? {} : { range } });
  }

  head(blob: BlobId): Promise<BlobAnswer> {
    return this.ask(blobPath(this.conversation, blob), { method: 'HEAD' });
  }

  hashes(blob: BlobId): Promise<BlobAnswer> {
    return this.ask(`${blobPath(this.conversation, blob)}/hashes`);
  }

  drop(blob: BlobId): Promise<BlobAnswer> {
    return this.ask(blobPath(this.conversation, blob), { method: 'DELETE' });
  }

  /** Resolves with the answer, also when it comes before the body was sent. */
  ask(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<BlobAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = this.open(path, { method, headers }, (answer) => {
        collect(answer).then((bytes) => resolve(toAnswer(answer, bytes)), reject);
      });
      outgoing.once('error', reject);
      if (body instanceof Readable) body.on('error', (error) => outgoing.destroy(error)).pipe(outgoing);
      else outgoing.end(body);
    });
  }

  /** A request whose body, and whose answer, the test deals with by itself. */
  open(path: string, { method = 'GET', headers = {} }: Ask, onAnswer?: (answer: IncomingMessage) => void) {
    const options = { method, agent: false, headers: { authorization: `Bearer ${this.#token}`, ...headers } };
    return request(`${this.#address}${path}`, options, onAnswer);
  }
}

/** Opens, or finds, the conversation of a session's user with another's. */
export async function openConversation(address: string, session: Session, other: Session): Promise<ConversationId> {
  const answer = await fetch(`${address}/v1/conversations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${session.token}` },
    body: JSON.stringify({ kind: 'direct', with: other.account.id }),
  });
  return conversationAnswerSchema.parse(await answer.json()).conversation.id;
}

async function collect(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function toAnswer({ statusCode = 0, headers }: IncomingMessage, body: Buffer): BlobAnswer {
  const isJson = headers['content-type']?.startsWith('application/json') === true && body.length > 0;
  const json = isJson ? (JSON.parse(body.toString()) as BlobAnswer['json']) : {};
  return { status: statusCode, headers, body, json, code: json.error?.code };
}

/**
 * The baseline: a bare in-memory relay on `ws` that speaks the same frames and does nothing else. It validates nothing,
 * stores nothing and knows its people from a file: a message costs it one decode, one `accepted` and one `deliver`.
 */
import { createServer } from 'node:http';
import { Packr, Unpackr } from 'msgpackr';
import { WebSocketServer, type WebSocket } from 'ws';
import { loadPeople } from '../load/people.ts';

interface SendFrame {
  type: string;
  token: string;
  conversation: string;
  id: string;
  payload: Uint8Array;
}

const [peopleFile = '', port = '0'] = process.argv.slice(2);
const unpackr = new Unpackr({ useRecords: false });
const packr = new Packr({ useRecords: false });
const people = new Map(loadPeople(peopleFile).map((person) => [person.token, person]));
const members = new Map<string, WebSocket[]>();
const seqs = new Map<string, number>();

const server = createServer((_request, response) => response.end('ok'));
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  let user = '';
  let device = '';
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    const frame = unpackr.unpack(data) as SendFrame;
    if (frame.type === 'hello') {
      const person = people.get(frame.token);
      if (!person) return socket.close();
      ({ user, device } = person);
      join(person.conversation, socket);
      socket.send(packr.pack({ type: 'welcome', version: 1 }));
    } else if (frame.type === 'sync') {
      socket.send(packr.pack({ type: 'synced' }));
    } else if (frame.type === 'ping') {
      socket.send(packr.pack({ type: 'pong' }));
    } else if (frame.type === 'send') {
      relay(frame, socket, { user, device });
    }
  });
});

function join(conversation: string, socket: WebSocket): void {
  const sockets = (members.get(conversation) ?? []).filter((other) => other.readyState === other.OPEN);
  members.set(conversation, [...sockets, socket]);
}

function relay(
  { conversation, id, payload }: SendFrame,
  from: WebSocket,
  sender: { user: string; device: string },
): void {
  const seq = (seqs.get(conversation) ?? 0) + 1;
  seqs.set(conversation, seq);
  const time = Date.now();
  from.send(packr.pack({ type: 'accepted', conversation, id, seq, time }));
  const message = { seq, id, ...sender, kind: 'content', time, payload };
  const deliver = packr.pack({ type: 'deliver', conversation, messages: [message] });
  for (const socket of members.get(conversation) ?? []) if (socket !== from) socket.send(deliver);
}

server.listen({ port: Number(port), host: '127.0.0.1', backlog: 16_384 });

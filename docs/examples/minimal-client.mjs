// A complete Parley client in plain JavaScript: registers (or logs in), finds somebody, says something, prints what comes.
//   node minimal-client.mjs http://localhost:8080 alice "a long password" bob "Hello Bob"
// Needs Node 22 or newer and one package: npm install msgpackr. See protocol.md, which this follows from top to bottom.
import { randomBytes } from 'node:crypto';
import { Packr, Unpackr } from 'msgpackr';

const [relay, username, password, other, words] = process.argv.slice(2);
const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

async function http(method, path, { body, token } = {}) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(relay + path, { method, headers, body: body && JSON.stringify(body) });
  const value = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw Object.assign(new Error(value.error.message), value.error);
  return value;
}

function uuidv7() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

const device = { name: 'Minimal client', platform: process.platform };
const session = await http('POST', '/v1/sessions', { body: { username, password, device } }).catch((error) => {
  if (error.code !== 'wrong_credentials') throw error;
  return http('POST', '/v1/accounts', { body: { username, password, displayName: username, device } });
});

const socket = new WebSocket(relay.replace(/^http/, 'ws') + '/v1/socket');
socket.binaryType = 'arraybuffer';
const send = (frame) => socket.send(packr.pack(frame));
const held = new Map(); // conversation → the seq up to which we have everything
const mine = new Map(); // message id → what to do when it is accepted

const handlers = {
  welcome: ({ heartbeatMs }) => {
    setInterval(() => send({ type: 'ping' }), heartbeatMs).unref();
    send({ type: 'sync', have: [], last: true }); // this client keeps nothing: everything is new to it
  },
  deliver: ({ conversation, messages }) => {
    for (const { seq, user, payload } of messages) {
      if (seq <= (held.get(conversation) ?? 0)) continue; // seen before
      held.set(conversation, seq);
      const content = payload[0] === 0 ? unpackr.unpack(payload.subarray(1)) : { kind: 'sealed' };
      console.log(`${seq} ${user === session.account.id ? username : other}: ${content.text ?? `(${content.kind})`}`);
    }
    send({ type: 'cursor', conversation, delivered: held.get(conversation), read: held.get(conversation) });
  },
  synced: async () => {
    if (!words) return;
    const { user } = await http('GET', `/v1/users/by-name/${encodeURIComponent(other)}`, session);
    const body = { kind: 'direct', with: user.id };
    const { conversation } = await http('POST', '/v1/conversations', { ...session, body });
    const payload = Buffer.concat([Buffer.from([0]), packr.pack({ kind: 'text', text: words })]);
    const id = uuidv7(); // a client that keeps data sends the same id again until it is accepted or refused
    mine.set(id, (seq) => console.log(`${seq} ${username}: ${words}`));
    send({ type: 'send', conversation: conversation.id, id, epoch: conversation.epoch, payload });
  },
  accepted: ({ conversation, id, seq }) => {
    held.set(conversation, Math.max(seq, held.get(conversation) ?? 0));
    mine.get(id)?.(seq);
  },
  refused: ({ code, message }) => console.error(`refused: ${code}: ${message}`),
  error: ({ code, message }) => console.error(`error: ${code}: ${message}`),
  goodbye: ({ message, retryAfterMs }) => console.error(`${message} Back in ${retryAfterMs} ms.`),
};

socket.onopen = () =>
  send({
    type: 'hello',
    versions: [1],
    token: session.token,
    generation: 0,
    client: { name: 'minimal', version: '1' },
  });
socket.onmessage = ({ data }) => {
  for (const frame of unpackr.unpackMultiple(new Uint8Array(data))) handlers[frame.type]?.(frame);
};
socket.onclose = ({ code }) => console.error(`closed with ${code}`);

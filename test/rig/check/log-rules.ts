/** Rules about the relay's log: gap-free, the same for every member, never changed, and true to what the relay said. */
import { hashOf } from '../net/wire-witness.ts';
import type { World } from '../world.ts';
import type { Rule } from './findings.ts';
import { allPlaces, wordsOf } from './said.ts';

/** P2: 1, 2, 3 … up to the head, with times that never fall. */
export const logIsGapFree: Rule = function* ({ logs, conversations }) {
  for (const [conversation, log] of logs) {
    const head = conversations.get(conversation)?.head ?? 0;
    if (log.length !== head) yield `P2: ${conversation} has head ${head} and ${log.length} messages`;
    for (const [index, { seq, time }] of log.entries()) {
      if (seq !== index + 1) yield `P2: ${conversation} has seq ${seq} at place ${index + 1}`;
      if (time < (log[index - 1]?.time ?? 0)) yield `P2: ${conversation}: the time falls at seq ${seq}`;
    }
  }
};

/** P2: every member is served the same. */
export const membersSeeTheSame: Rule = function* ({ audits, logs }) {
  for (const [index, each] of audits.entries()) {
    for (const [conversation, log] of each.logs) {
      const other = logs.get(conversation) ?? [];
      const differs = log.findIndex((message, at) => {
        const same = other[at];
        return same?.id !== message.id || hashOf(same.payload) !== hashOf(message.payload);
      });
      if (differs >= 0 || log.length !== other.length)
        yield `P2: person ${index} is served another ${conversation} (at ${differs + 1})`;
    }
  }
};

/** P3: no id and no text twice. */
export const nothingIsTwice: Rule = function* ({ logs, world }) {
  const times = new Map(allTyped(world).map((text) => [text, 0]));
  for (const [conversation, log] of logs) {
    const ids = new Set(log.map(({ id }) => id));
    if (ids.size !== log.length) yield `P3: ${conversation} has ${log.length - ids.size} ids twice`;
  }
  for (const place of allPlaces(logs)) {
    const words = wordsOf(place);
    if (place.content?.kind === 'unsupported') yield `P2: ${place.envelope.id} has content that cannot be read`;
    if (words === null) continue;
    const before = times.get(words);
    if (before === undefined) yield `P3: "${words.slice(0, 40)}" is in the log and nobody typed it`;
    else if (before > 0) yield `P3: "${words.slice(0, 40)}" is in the log twice`;
    times.set(words, (before ?? 0) + 1);
  }
};

function allTyped({ devices }: World): string[] {
  return devices.flatMap(({ ledger: { typed, changes } }) => [
    ...typed.map(({ text }) => text),
    ...changes.flatMap(({ kind, text }) => (kind === 'edit' ? [text] : [])),
  ]);
}

/** P1 and P2: whatever the relay ever said on the wire stands in its log just so. */
export const relayKeptItsWord: Rule = function* ({ world, logs, conversations }) {
  for (const { conversation, seq, id, time, hash } of world.witness.placed()) {
    const message = logs.get(conversation)?.[seq - 1];
    if (message?.id !== id) {
      const now = message ? `${message.id} stands there` : 'nothing is there';
      yield `P1: the relay gave ${id} the place ${seq} of ${conversation}, and now ${now}`;
    } else if (message.time !== time) yield `P1: the relay gave ${id} the time ${time}, and now it is ${message.time}`;
    else if (hash !== null && hash !== hashOf(message.payload)) yield `P2: ${id} was delivered with other bytes`;
  }
  for (const { conversation, user, delivered, read } of world.witness.cursors()) {
    const cursor = conversations.get(conversation)?.cursors.find((each) => each.user === user);
    if (!cursor || cursor.read < read || cursor.delivered < delivered)
      yield `cursors: ${conversation} of ${user} was told as ${delivered}/${read}, now ${cursor?.delivered}/${cursor?.read}`;
  }
  for (const broken of world.witness.broken) yield `wire: ${broken}`;
};

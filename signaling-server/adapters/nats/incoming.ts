/** What comes from other nodes: asks are answered, notes handed to the listeners here, and all else counted. */
import type { Msg } from '@nats-io/transport-node';
import type { Bus, Subject } from '../../ports/bus.ts';
import type { Asks } from './asks.ts';
import { decodeNote } from './note-codec.ts';

export function createIncoming(asks: Pick<Asks, 'answer'>, local: Pick<Bus, 'publish'>) {
  const counts = { received: 0, unreadable: 0 };
  return {
    get received(): number {
      return counts.received;
    },
    get unreadable(): number {
      return counts.unreadable;
    },
    heard(subject: Subject, message: Msg): void {
      if (asks.answer(message)) return;
      const note = decodeNote(message.data);
      if (!note) return void counts.unreadable++;
      counts.received++;
      local.publish(subject, note);
    },
  };
}

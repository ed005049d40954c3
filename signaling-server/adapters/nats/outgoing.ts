/** Gives notes to the other nodes: each encoded once, however many subjects it goes to. */
import type { Log } from '../../ports/log.ts';
import type { Note } from '../../ports/bus.ts';
import type { Link } from './link.ts';
import { createNoteEncoder } from './note-codec.ts';
import { createReminder } from './reminder.ts';

interface OutgoingDeps {
  readonly link: Pick<Link, 'up' | 'maxBytes' | 'publish'>;
  readonly log: Log;
  readonly elapsed: () => number;
  /** A note could not be sent. */
  onLost(): void;
}

export function createOutgoing({ link, log, elapsed, onLost }: OutgoingDeps) {
  const encode = createNoteEncoder();
  const tooLarge = createReminder(elapsed);
  const failed = createReminder(elapsed);
  const counts = { sent: 0, dropped: 0 };

  function send(name: string, note: Note): 'sent' | 'lost' | 'too large' {
    if (!link.up) return 'lost';
    const pieces = encode(note, link.maxBytes);
    if (pieces.length === 0) return 'too large';
    return pieces.every((bytes) => link.publish(name, bytes)) ? 'sent' : 'lost';
  }

  function warnOfSize({ type }: Note): void {
    const detail = 'A note is larger than NATS takes. Devices learn of it at their next sync; raise max_payload.';
    log.warn('bus.note_too_large', { type, maxBytes: link.maxBytes, detail });
  }

  return {
    get sent(): number {
      return counts.sent;
    },
    get dropped(): number {
      return counts.dropped;
    },
    /** Never throws; what cannot be sent is dropped and counted. */
    publish(name: string, note: Note): void {
      let outcome: ReturnType<typeof send> = 'lost';
      try {
        outcome = send(name, note);
      } catch (error) {
        failed(() => log.error('bus.note_failed', { type: note.type, error }));
      }
      if (outcome === 'sent') return void counts.sent++;
      counts.dropped++;
      if (outcome === 'too large') tooLarge(() => warnOfSize(note));
      else onLost();
    },
  };
}

/** Devices that lost their connection and come back, each with the client's own backoff. */
import { createBackoff, type Backoff } from '../../../main/engine/connection/backoff.ts';
import type { EventQueue } from './event-queue.ts';
import type { Relay } from './relay.ts';
import type { Admission } from './scenario.ts';

export interface CrowdDeps {
  readonly events: EventQueue;
  readonly random: () => number;
  readonly handshakeSeconds: number;
  /** The relay that the balancer picks; null while there is none. */
  readonly pick: () => Relay | null;
  readonly onWelcome: (relay: Relay) => void;
  readonly admission: Admission | null;
}

/** What the client waits for `welcome` (main/engine/connection/link.ts). */
const greetingSeconds = 10;
/** Of a handshake's work, what a relay does for somebody who has gone by then. */
const wastedShare = 0.3;
/** Of a handshake's work, what a refusal at the door costs. */
const refusalShare = 0.1;
/** What the client adds by chance to a wait that it was asked for (main/engine/connection/connection.ts). */
const patienceShare = 0.5;

export interface Crowd {
  /** One device tries from then on until it is welcomed. @param wait seconds before the first try. */
  comeBack(wait: number): void;
  /** Devices that are not welcomed yet. */
  readonly out: number;
  readonly tries: number;
}

export function createCrowd(deps: CrowdDeps): Crowd {
  const { events, random, handshakeSeconds, pick, onWelcome, admission } = deps;
  let out = 0;
  let tries = 0;

  function tryOnce(backoff: Backoff): void {
    tries++;
    const relay = pick();
    if (!relay) return again(backoff, 0);
    const backlog = relay.cpu.backlog();
    if (admission && backlog > admission.aboveSeconds) {
      relay.cpu.serve(handshakeSeconds * refusalShare);
      const asked = 1 + random() * (admission.askUpToSeconds - 1);
      return again(backoff, asked * (1 + random() * patienceShare));
    }
    if (backlog + handshakeSeconds > greetingSeconds) {
      relay.cpu.serve(handshakeSeconds * wastedShare);
      events.after(greetingSeconds, () => again(backoff, 0));
      return;
    }
    relay.cpu.serve(handshakeSeconds, () => (relay.isLost ? again(backoff, 0) : welcome(relay)));
  }

  function again(backoff: Backoff, atLeast: number): void {
    events.after(Math.max(atLeast, backoff.next() / 1_000), () => tryOnce(backoff));
  }

  function welcome(relay: Relay): void {
    out--;
    onWelcome(relay);
  }

  return {
    comeBack(wait) {
      out++;
      const backoff = createBackoff(random);
      events.after(wait + backoff.next() / 1_000, () => tryOnce(backoff));
    },
    get out() {
      return out;
    },
    get tries() {
      return tries;
    },
  };
}

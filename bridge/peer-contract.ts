/** Between the engine and the hidden peer page, which holds the WebRTC connections and knows nothing of what they carry. */
import { z } from 'zod';
import { iceSchema } from '../protocol/index.ts';
import { defineContract, nothing } from './contract.ts';

/** Names one connection; made by the engine that begins it, the same on both sides. */
const peer = z.string().min(1).max(64);
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'is not bytes');

/** Bytes of one frame between two engines, at most: a sealed chunk and its routing. */
export const peerFrameBytes = 512 * 1024;

/** Served by the page: the engine asks. */
export const peerContract = defineContract({
  commands: {
    /** Makes a connection; `peer.step` events follow. With `relayed` only TURN servers are used. */
    'peer.open': {
      input: z.object({ peer, initiator: z.boolean(), servers: iceSchema.shape.servers, relayed: z.boolean() }),
      output: nothing,
    },
    /** A step of the negotiation that the other side sent. Steps for connections that are gone are dropped. */
    'peer.step': { input: z.object({ peer, data: z.string() }), output: nothing },
    /**
     * Sends a frame, whole, and in order with all others that are not said to come in any. Resolves when there is room for
     * the next one, so that whoever awaits it never fills memory. Fails with `unreachable` when the connection is or gets
     * closed.
     */
    'peer.send': { input: z.object({ peer, frame: bytes, anyOrder: z.boolean() }), output: nothing },
    'peer.close': { input: z.object({ peer }), output: nothing },
  },
  events: {
    'peer.step': z.object({ peer, data: z.string() }),
    /** Frames can be sent. `path` tells whether a TURN server is between the two. */
    'peer.opened': z.object({ peer, path: z.enum(['direct', 'turn']) }),
    'peer.frame': z.object({ peer, frame: bytes }),
    /** Comes once for each connection that was opened. */
    'peer.closed': z.object({ peer, reason: z.string() }),
  },
});
export type PeerContract = typeof peerContract;

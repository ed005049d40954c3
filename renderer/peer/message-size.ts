/** How large a message may be on a connection: as both sides agreed in their descriptions. */
import { messageBytes } from './frames.ts';

/** @param peer one that is connected. Its `_pc` is private to simple-peer, and the only way to what was agreed on. */
export function largestMessageOf(peer: { readonly _pc: AgreedConnection | null }): number {
  return Math.min(messageBytes, peer._pc?.sctp?.maxMessageSize ?? everywhereBytes);
}

/** WebRTC's implementations agree on messages of 64 KiB where nothing is said. */
const everywhereBytes = 64 * 1024;

/** The part of an `RTCPeerConnection` that is used. */
interface AgreedConnection {
  readonly sctp: { readonly maxMessageSize: number } | null;
}

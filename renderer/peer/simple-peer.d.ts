/** What Parley uses of simple-peer's browser build; the published types bring all of Node's with them. */
declare module 'simple-peer/simplepeer.min.js' {
  interface PeerOptions {
    readonly initiator: boolean;
    readonly trickle: boolean;
    /** Messages stay apart from one another. */
    readonly objectMode: boolean;
    readonly channelConfig: RTCDataChannelInit;
    readonly config: RTCConfiguration;
  }

  // eslint-disable-next-line no-restricted-syntax -- simple-peer's only export.
  export default class Peer {
    constructor(options: PeerOptions);
    /** Private to simple-peer; see channel-room.ts. Null before there is one and after the end. */
    readonly _channel: RTCDataChannel | null;
    /** Private too; see message-size.ts. */
    readonly _pc: RTCPeerConnection | null;
    on(event: 'signal', listener: (step: unknown) => void): this;
    on(event: 'connect' | 'close', listener: () => void): this;
    on(event: 'data', listener: (message: Uint8Array | string) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    on(event: 'iceStateChange', listener: (connection: RTCIceConnectionState) => void): this;
    /** @throws once destroyed, and for candidates that can't be read. */
    signal(step: unknown): void;
    /** @throws when the channel is not open, or has 16 MiB queued. */
    send(message: Uint8Array | string): void;
    getStats(callback: (error: Error | null, reports: readonly Readonly<Record<string, unknown>>[]) => void): void;
    destroy(): void;
  }
}

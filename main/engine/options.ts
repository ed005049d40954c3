/** What the engine is given from outside: where to keep things, secrets, time, chance, the log, the wire. */
import type { Port } from '../../bridge/rpc.ts';
import type { Clock } from './runtime/clock.ts';
import type { Log } from './runtime/log.ts';
import type { HttpClient } from './connection/http-client.ts';
import type { SocketFactory } from './connection/socket.ts';
import type { Sealer } from './sealing/sealer.ts';

/** Keeps the session token where the host knows a safe place. */
export interface Secrets {
  load(): Promise<string | null>;
  save(secret: string): Promise<void>;
  erase(): Promise<void>;
}

/** Opens the hidden page that holds WebRTC connections, where the host has one. */
export interface PeerHost {
  /** @returns a port on which the page serves `peerContract`. It closes when the page goes. */
  open(): Promise<Port>;
  /** The page is not needed for now. */
  close(): void;
}

export interface HostServices {
  readonly secrets: Secrets;
  /** Without it files go by the relay alone. */
  readonly peers?: PeerHost;
}

export interface EngineOptions {
  /** Belongs to one profile; made when it is not there. */
  readonly dataDir: string;
  readonly host: HostServices;
  /** How this device shows up in the account's list of devices. */
  readonly device: { readonly name: string; readonly platform: string };
  readonly appVersion: string;
  readonly clock?: Clock;
  /** 0 up to 1. */
  readonly random?: () => number;
  /** Without it JSON lines go to `logs/engine.log` in the data folder. */
  readonly log?: Log;
  readonly openSocket?: SocketFactory;
  readonly http?: HttpClient;
  readonly sealer?: Sealer;
}

/** The same with nothing left open. */
export type EngineDeps = Required<EngineOptions>;

/** The times by which the bus on NATS lives, in milliseconds. */
export interface BusTiming {
  /** Between two signs of life: asked of the server, and given to the other nodes. */
  readonly beatMs: number;
  /** A server that leaves a ping without answer for so long is given up. */
  readonly serverSilentMs: number;
  /** A node that says nothing for so long is taken for dead. */
  readonly nodeSilentMs: number;
  /** A node that was taken for dead and comes back within that time is known again. */
  readonly nodeForgottenMs: number;
  /** Nodes have so long to say that a subject has subscribers; a node that is dead or stuck does not. */
  readonly askMs: number;
  /** The same when somebody asks whether the bus can serve. */
  readonly pingMs: number;
  /** One attempt to connect to one address. */
  readonly dialMs: number;
  /** Before the first and, after many failures, before every attempt to connect. */
  readonly backoffMs: { readonly least: number; readonly most: number };
  /** After connecting, servers of a cluster take a moment to tell each other who is subscribed here. */
  readonly settleMs: number;
  /** How far before the last word notes may have been lost: a message's time is taken before its commit. */
  readonly marginMs: number;
}

export const busTiming: BusTiming = {
  beatMs: 2_000,
  serverSilentMs: 4_000,
  nodeSilentMs: 6_000,
  nodeForgottenMs: 600_000,
  askMs: 1_500,
  pingMs: 2_000,
  dialMs: 2_000,
  backoffMs: { least: 50, most: 5_000 },
  settleMs: 300,
  marginMs: 5_000,
};

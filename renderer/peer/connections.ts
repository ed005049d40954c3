/** All connections of this page by their names, as the engine commands them. */
import type { EventName, EventOf, Handlers } from '../../bridge/contract.ts';
import type { PeerContract } from '../../bridge/peer-contract.ts';
import { ParleyError } from '../../bridge/text-rules.ts';
import { createConnection, unreachable, type Connection } from './connection.ts';

export interface Connections {
  readonly handlers: Handlers<PeerContract>;
  /** The engine is gone: nobody is left to speak for. */
  closeAll(): void;
}

type Emit = <N extends EventName<PeerContract>>(name: N, data: EventOf<PeerContract, N>) => void;

export function createConnections(emit: Emit, create = createConnection): Connections {
  const connections = new Map<string, Connection>();

  const handlers: Handlers<PeerContract> = {
    'peer.open': ({ peer, ...options }) => {
      if (connections.has(peer))
        throw new ParleyError('bad_request', { message: 'There is a connection of this name already.' });
      const connection = create({
        ...options,
        onStep: (data) => emit('peer.step', { peer, data }),
        onOpened: (path) => emit('peer.opened', { peer, path }),
        onFrame: (frame) => emit('peer.frame', { peer, frame }),
        onClosed: (reason) => {
          connections.delete(peer);
          emit('peer.closed', { peer, reason });
        },
      });
      connections.set(peer, connection);
    },
    'peer.step': ({ peer, data }) => connections.get(peer)?.step(data),
    'peer.send': async ({ peer, frame, anyOrder }) => {
      const connection = connections.get(peer);
      if (!connection) throw unreachable();
      await connection.send(frame, anyOrder);
    },
    'peer.close': ({ peer }) => connections.get(peer)?.close('closed here'),
  };

  return {
    handlers,
    closeAll() {
      for (const connection of [...connections.values()]) connection.close('closed here');
    },
  };
}

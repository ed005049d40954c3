/** Hands the events of a contract to every page that is connected. */
import type { Contract, EventName, EventOf } from '../../../bridge/contract.ts';
import type { RpcServer } from '../../../bridge/rpc.ts';

export interface EventHub<C extends Contract> {
  emit<N extends EventName<C>>(name: N, data: EventOf<C, N>): void;
  add(server: RpcServer<C>): void;
  readonly size: number;
}

export function createEventHub<C extends Contract>(): EventHub<C> {
  const servers = new Set<RpcServer<C>>();
  return {
    emit(name, data) {
      for (const server of servers) server.emit(name, data);
    },
    add(server) {
      servers.add(server);
      server.onClose(() => servers.delete(server));
    },
    get size() {
      return servers.size;
    },
  };
}

/** Entry of the hidden peer page: asks the shell for its port to the engine and serves `peerContract` on it. */
import '../app/page-zod.ts';
import { bridgeMessages } from '../../bridge/channels.ts';
import { peerContract, type PeerContract } from '../../bridge/peer-contract.ts';
import { fromWebPort } from '../../bridge/ports.ts';
import { serveRpc, type RpcServer } from '../../bridge/rpc.ts';
import { createConnections } from './connections.ts';

function serve(webPort: MessagePort): void {
  const connections = createConnections((name, data) => server.emit(name, data));
  const server: RpcServer<PeerContract> = serveRpc(
    peerContract,
    connections.handlers,
    fromWebPort(webPort),
    (command, error) => console.error(`${command} failed:`, error),
  );
  server.onClose(() => connections.closeAll());
}

window.addEventListener('message', ({ source, data, ports: [port] }) => {
  if (source === window && data === bridgeMessages.ports && port) serve(port);
});
window.postMessage(bridgeMessages.connect, window.location.origin);

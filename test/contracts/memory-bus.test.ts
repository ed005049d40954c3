/** The bus of a relay that is alone keeps the contract. */
import { createMemoryBus } from '../../signaling-server/adapters/memory/memory-bus.ts';
import { runBusContract } from './bus-contract.ts';

runBusContract('memory', async () => {
  const bus = createMemoryBus();
  return { near: bus, far: bus, dispose: () => bus.close() };
});

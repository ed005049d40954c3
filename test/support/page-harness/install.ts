/** Stands in for preload, shell and engine: answers the real page's request for ports. Loaded before the page's entry. */
import '../../../renderer/app/page-zod.ts';
import { bridgeMessages } from '../../../bridge/channels.ts';
import { parseMediaAddress } from '../../../bridge/media-address.ts';
import { engineContract } from '../../../bridge/engine-contract.ts';
import { fromWebPort } from '../../../bridge/ports.ts';
import { serveRpc } from '../../../bridge/rpc.ts';
import { settingsSchema, shellContract } from '../../../bridge/shell-contract.ts';
import { bytesOf } from './scenes-bubbles.ts';
import { conversationIdOf, isScene, personOf, scenes } from './scenes.ts';
import { ScriptedEngine } from './scripted-engine.ts';
import { ScriptedShell } from './scripted-shell.ts';

const query = new URLSearchParams(location.search);
const scene = query.get('scene') ?? 'everyday';
const settings = settingsSchema.partial().parse(JSON.parse(query.get('settings') ?? '{}'));
const engine = new ScriptedEngine(scenes[isScene(scene) ? scene : 'everyday']());
const shell = new ScriptedShell(settings);
/** The page's end of the engine's port, as the page received it. */
let enginePort: MessagePort | null = null;

function connect(): void {
  const toEngine = new MessageChannel();
  const toShell = new MessageChannel();
  const report = (name: string, error: unknown): void => console.error(`harness: ${name} failed`, error);
  const served = serveRpc(engineContract, engine.handlers(), fromWebPort(toEngine.port1), report);
  engine.attach((name, data) => served.emit(name, data));
  const shellServed = serveRpc(shellContract, shell.handlers(), fromWebPort(toShell.port1), report);
  shell.attach((name, data) => shellServed.emit(name, data));
  window.postMessage(bridgeMessages.ports, location.origin, [toEngine.port2, toShell.port2]);
}

window.addEventListener('message', ({ data, ports }) => {
  if (data === bridgeMessages.ports) enginePort = ports[0] ?? null;
  if (data === bridgeMessages.connect && query.get('bridge') !== 'dead') connect();
});

/** The bytes behind an address of a file, for whoever answers in the shell's place. */
async function media(address: string): Promise<{ type: string; base64: string } | null> {
  const ref = parseMediaAddress(address);
  const made = ref && (await bytesOf(engine.world, ref));
  if (!made) return null;
  let text = '';
  for (const byte of new Uint8Array(await made.bytes.arrayBuffer())) text += String.fromCharCode(byte);
  return { type: made.type, base64: btoa(text) };
}

const harness = {
  engine,
  shell,
  media,
  conversationIdOf,
  personOf,
  /** The engine's process ends and the page asks for new ports. Electron tells a page so; a plain browser does not. */
  crash: () => enginePort?.dispatchEvent(new Event('close')),
};
export type Harness = typeof harness;
Object.assign(globalThis, { harness });

/** What the checker looks at, gathered at one moment, and how it says what is wrong. */
import type { Conversation, ConversationId, Envelope, MessageId } from '../../../protocol/index.ts';
import type { ConnectionView, MessageView, SessionView, SyncStatus } from '../../../bridge/views.ts';
import type { Device } from '../device/device.ts';
import type { World } from '../world.ts';
import { audit, type Audit, type AuditorAccount } from './audit.ts';
import { readHeld, type Held } from './held.ts';
import { showLog, type Shown } from './model.ts';
import { readScreens } from './screens.ts';

export interface DeviceState {
  readonly device: Device;
  readonly session: SessionView | null;
  readonly connection: ConnectionView | null;
  readonly held: Held | null;
  /** Only of a deep look, of a device that is logged in: what its screens show of each conversation. */
  readonly views: ReadonlyMap<ConversationId, readonly MessageView[]> | null;
  readonly pins: ReadonlyMap<ConversationId, number | null> | null;
  readonly syncs: readonly SyncStatus[] | null;
}

export interface Findings {
  readonly world: World;
  /** One a person, in their order. */
  readonly audits: readonly Audit[];
  /** What every node serves, by person. Only of a deep look at a fleet. */
  readonly elsewhere: readonly (readonly Audit[])[];
  readonly logs: ReadonlyMap<ConversationId, readonly Envelope[]>;
  readonly conversations: ReadonlyMap<ConversationId, Conversation>;
  /** The plain model of each log. */
  readonly shown: ReadonlyMap<ConversationId, ReadonlyMap<MessageId, Shown>>;
  readonly devices: readonly DeviceState[];
  /** Whether the run is over, so that there is time for what devices do at leisure. */
  readonly isLast: boolean;
}

/** A rule gives one line for each thing that is against it. */
export type Rule = (findings: Findings) => Iterable<string>;

export interface Look {
  /** Also at damage, screens and chains, which takes a while. */
  readonly deep: boolean;
  readonly isLast: boolean;
}

/** @throws Error while the relay or a device cannot be read. */
export async function gather(world: World, { deep, isLast }: Look): Promise<Findings> {
  const devices = await Promise.all(world.devices.map((device) => stateOf(world, device, deep)));
  const { address, addresses } = world.relay;
  const audits = await Promise.all(world.people.map(({ auditor }) => audit(address, auditor, deep)));
  const nodes = deep && addresses.length > 1 ? addresses : [];
  const elsewhere = await Promise.all(world.people.map(({ auditor }) => auditEach(nodes, auditor)));
  const logs = new Map(audits.flatMap((each) => [...each.logs]));
  return {
    world,
    audits,
    elsewhere,
    devices,
    logs,
    conversations: new Map(audits.flatMap(({ conversations }) => [...conversations])),
    shown: new Map([...logs].map(([conversation, log]) => [conversation, showLog(log)])),
    isLast,
  };
}

/** One after another: a device that connects to one node is sent away from the others. */
async function auditEach(nodes: readonly string[], auditor: AuditorAccount): Promise<Audit[]> {
  const audits: Audit[] = [];
  for (const node of nodes) audits.push(await audit(node, auditor, true));
  return audits;
}

async function stateOf({ folder }: World, device: Device, deep: boolean): Promise<DeviceState> {
  const { engine } = device;
  const session = (await engine?.invoke('session.get')) ?? null;
  const isIn = engine && session?.state === 'signed-in';
  const connection = isIn ? await engine.invoke('connection.get') : null;
  const held = await readHeld(device.dataDir, `${folder}/scratch`, deep);
  return { device, session, connection, held, ...(await readScreens(isIn && deep ? engine : null)) };
}

export function nameOf({ device }: DeviceState): string {
  return `device ${device.index} (person ${device.spec.person}, ${device.spec.home})`;
}

export const isSignedIn = ({ session }: DeviceState): boolean => session?.state === 'signed-in';

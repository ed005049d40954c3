/** The first frame of a connection: who is there, and the welcome. */
import {
  encodeRelayFrame,
  limits,
  ParleyError,
  protocolVersions,
  type ClientFrame,
  type FrameOf,
} from '../../protocol/index.ts';
import { findSession, type KnownSession as Known } from '../http/find-session.ts';
import { Feed } from '../relay/feed.ts';
import type { People } from '../relay/people.ts';
import type { RelayParts } from '../relay/relay-parts.ts';
import type { OpenSession } from '../relay/session.ts';
import { TokenBucket } from '../relay/token-bucket.ts';
import { Slots } from '../runtime/slots.ts';
import type { Connection } from './connection.ts';

export type HelloFrame = FrameOf<ClientFrame, 'hello'>;

/** Limits that devices are told of. */
const { payloadBytes, clientFrameBytes, batchMessages, syncEntries, watchedUsers, signalBytes } = limits;
const announcedLimits = { payloadBytes, clientFrameBytes, batchMessages, syncEntries, watchedUsers, signalBytes };
/** Tokens that are looked up at once: thousands of devices that come back together leave the store room for others. */
const lookUpsAtOnce = 32;
/** What this relay can do beyond the first relays. */
const features = ['chain'] as const;

export interface Greeter {
  /**
   * Checks the token, answers with the welcome and opens the session, unless the connection closed in the meantime.
   * @throws ParleyError `unsupported_version`, `unauthenticated`, `device_revoked`, or the store's.
   */
  greet(connection: Connection, frame: HelloFrame): Promise<void>;
}

type Open = (connection: Connection, session: OpenSession) => void;

export function createGreeter({ store, clock, uptime, settings }: RelayParts, people: People, open: Open): Greeter {
  const lookUps = new Slots(lookUpsAtOnce);

  function welcome({ device, profile }: Known, version: number, generation: number): Uint8Array {
    const { heartbeatMs, deadAfterMs } = settings;
    return encodeRelayFrame({
      type: 'welcome',
      version,
      relay: { id: store.relayId, name: settings.name, version: settings.version },
      user: profile,
      device: device.id,
      generation,
      time: clock(),
      heartbeatMs,
      deadAfterMs,
      limits: announcedLimits,
      features: [...features],
    });
  }

  function createSession(connection: Connection, { device }: Known, wanted: readonly string[]): OpenSession {
    const now = uptime();
    return {
      state: 'open',
      wire: connection,
      user: device.user,
      device: device.id,
      person: people.person(device.user, now),
      frames: new TokenBucket(settings.frameBurst, now),
      feed: new Feed('waiting'),
      watching: null,
      hearsOfDevices: wanted.includes('devices'),
      openedAt: clock(),
      since: now,
      touchedAt: -Infinity,
      leave: () => {},
    };
  }

  async function lookUp(frame: HelloFrame): Promise<{ known: Known; generation: number }> {
    const known = await findSession(store.devices, frame.token);
    const { id, generation } = known.device;
    if (frame.generation <= generation) return { known, generation };
    return { known, generation: await store.devices.raiseGeneration(id, frame.generation) };
  }

  return {
    async greet(connection, frame) {
      const version = protocolVersions.find((known) => frame.versions.includes(known));
      if (version === undefined) throw new ParleyError('unsupported_version', { message: versionMessage });
      const found = await lookUps.run(async () => (connection.open ? lookUp(frame) : null));
      if (!found || !connection.open) return;
      connection.send(welcome(found.known, version, found.generation));
      open(connection, createSession(connection, found.known, frame.features ?? []));
    },
  };
}

const versionMessage = `This relay speaks version ${protocolVersions.join(', ')} of the protocol. Update the app, or ask the relay's admin to update the relay.`;

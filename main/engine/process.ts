/** The engine as Electron's utility process: takes its ports from the shell and serves host and pages until told to stop. */
import { createRpcClient } from '../../bridge/rpc.ts';
import {
  enginePageSchema,
  enginePeerSchema,
  engineStartSchema,
  hostContract,
  type EngineStart,
} from '../../bridge/host-contract.ts';
import { fromElectronPort } from '../../bridge/ports.ts';
import type { HostServices } from './options.ts';
import { createPeerPorts } from './peer-ports.ts';
import { createPatientEngine, type PatientEngine } from './patient-engine.ts';
import { systemClock } from './runtime/clock.ts';
import { createLogFile } from './runtime/log-file.ts';
import { join } from 'node:path';

type ElectronPort = Parameters<typeof fromElectronPort>[0];

/** Electron's `process.parentPort`, as far as it is used here; the engine imports nothing of Electron's. */
interface ParentPort {
  on(type: 'message', listener: (event: { data: unknown; ports: readonly ElectronPort[] }) => void): void;
}

const { parentPort } = process as unknown as { parentPort?: ParentPort };
if (!parentPort) throw new Error('The engine must be started by the shell, as a utility process.');

const peerPorts = createPeerPorts();
let engine: PatientEngine | null = null;

parentPort.on('message', ({ data, ports }) => {
  const [first, second] = ports;
  const start = engineStartSchema.safeParse(data);
  if (start.success && !engine && first && second) engine = begin(start.data, first, second);
  else if (enginePeerSchema.safeParse(data).success && first) peerPorts.arrived(fromElectronPort(first));
  else if (enginePageSchema.safeParse(data).success && first) engine?.serve(fromElectronPort(first));
});

/** @param hostPort the host serves `hostContract` on it. @param guestPort the engine serves `guestContract` on it. */
function begin(start: EngineStart, hostPort: ElectronPort, guestPort: ElectronPort): PatientEngine {
  const { dataDir, appVersion, deviceName, platform, logLevel } = start;
  const log = createLogFile({ file: join(dataDir, 'logs', 'engine.log'), level: logLevel, clock: systemClock });
  process.on('uncaughtException', (error) => {
    log.error('process.failed', {}, error);
    process.exit(1);
  });
  process.on('unhandledRejection', (error) => log.error('process.rejection', {}, error));
  const patient = createPatientEngine({
    dataDir,
    host: hostServices(hostPort),
    device: { name: deviceName, platform },
    appVersion,
    log,
  });
  patient.serveHost(fromElectronPort(guestPort));
  return patient;
}

function hostServices(port: ElectronPort): HostServices {
  const host = createRpcClient(hostContract, fromElectronPort(port));
  return {
    secrets: {
      load: () => host.invoke('secret.load'),
      save: (secret) => host.invoke('secret.save', { secret }),
      erase: () => host.invoke('secret.erase'),
    },
    peers: {
      open: () => peerPorts.next(() => host.invoke('peer.open')),
      // A shell that is gone has closed the page too.
      close: () => void host.invoke('peer.close').catch(() => {}),
    },
  };
}

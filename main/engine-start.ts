/** What the engine is told when it starts. */
import { join } from 'node:path';
import { deviceNameSchema } from '../protocol/index.ts';
import type { EngineStart } from '../bridge/host-contract.ts';

interface EngineStartOptions {
  readonly profileDir: string;
  readonly appVersion: string;
  /** The computer's name; people see it in their list of devices. */
  readonly hostname: string;
  readonly platform: string;
}

export function createEngineStart({ profileDir, appVersion, hostname, platform }: EngineStartOptions): EngineStart {
  const name = deviceNameSchema.safeParse([...hostname].slice(0, 64).join(''));
  return {
    type: 'start',
    dataDir: join(profileDir, 'engine'),
    appVersion,
    deviceName: name.success ? name.data : 'This computer',
    platform,
    logLevel: 'info',
  };
}

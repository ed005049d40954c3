/** An engine as the rig drives it, wherever it runs. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';

export interface RigEngine extends Pick<RpcClient<EngineContract>, 'invoke' | 'on'> {
  setSkew(ms: number): void;
  /** Closes in good order. */
  stop(): Promise<void>;
  /** `kill -9`. @returns whether there was something alive to kill. Only for an engine in a process of its own. */
  kill(): Promise<boolean>;
}

export interface RigEngineOptions {
  readonly dataDir: string;
  readonly skew: number;
  /** Kills it so long after its process began. */
  readonly killAfterMs?: number;
  /** For the process, such as a recorder of writes. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Hands bytes that the page holds to the engine, piece by piece, so that they are never whole in memory. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';

const pieceBytes = 1024 * 1024;

/**
 * @param onBytes hears of each piece that is through
 * @returns the name of the stage. @throws ParleyError; what was staged until then is given back.
 */
export async function stageBytes(
  engine: Pick<RpcClient<EngineContract>, 'invoke'>,
  blob: Blob,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<string> {
  let stage: string | undefined;
  try {
    for (let at = 0; at < blob.size || stage === undefined; at += pieceBytes) {
      const bytes = new Uint8Array(await blob.slice(at, at + pieceBytes).arrayBuffer());
      ({ stage } = await engine.invoke('media.stage', stage === undefined ? { bytes } : { stage, bytes }));
      onBytes(bytes.length);
    }
    return stage;
  } catch (error) {
    if (stage !== undefined) engine.invoke('media.unstage', { stages: [stage] }).catch(() => undefined);
    throw error;
  }
}

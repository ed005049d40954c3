/** One relay node of the development fleet. */
import { join } from 'node:path';
import { projectDir } from '../project.ts';
import { findPort } from '../relay-session.ts';
import { startProgram, type Program } from './program.ts';

export interface ClusterNode extends Program {
  readonly name: string;
  readonly url: string;
  /** As a power cut would. */
  kill(): Promise<void>;
}

interface NodeOptions {
  readonly name: string;
  /** For its admin socket and its log. */
  readonly folder: string;
  readonly port: number;
  readonly store: string;
  readonly bus: string;
}

export async function startNode({ name, folder, port: wanted, store, bus }: NodeOptions): Promise<ClusterNode> {
  const port = await findPort(wanted);
  const url = `http://localhost:${port}`;
  const program = await startProgram({
    name,
    command: process.execPath,
    args: [join(projectDir, 'build/relay/index.js'), 'serve', '--host', '127.0.0.1', '--port', String(port)],
    // Not as flags: the address has a password.
    env: { ...process.env, PARLEY_DATA: folder, PARLEY_REGISTRATION: 'open', PARLEY_STORE: store, PARLEY_BUS: bus },
    logFile: join(folder, 'relay.log'),
    isReady: () => isReady(url),
  });
  return {
    ...program,
    name,
    url,
    async kill() {
      process.kill(program.pid, 'SIGKILL');
      await program.ended;
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

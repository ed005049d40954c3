/** A real S3 server for tests: OpenStack Swift with its S3 interface, on 127.0.0.1, with data in a folder of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { createS3Client, type S3Keys } from '../../signaling-server/adapters/s3/s3-client.ts';
import { parseS3Url } from '../../signaling-server/adapters/s3/s3-place.ts';

export interface S3Server {
  readonly keys: Required<Pick<S3Keys, 'accessKey' | 'secretKey'>>;
  readonly port: number;
  /** The address of a new bucket, for `--blobs`. */
  makeBucket(): Promise<string>;
  /** The address of a bucket that is not there. */
  missingBucket(): string;
  /** Takes the power away. */
  kill9(): Promise<void>;
  /** On the same port, with what was on its disk. */
  startAgain(): Promise<void>;
  /** Says nothing more, and keeps its connections. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** Debian's own Python, for which the package python3-swift is. */
const python = '/usr/bin/python3';

/** Whether Debian's python3-swift is installed here. */
export const hasS3Server =
  process.platform === 'linux' && spawnSync(python, ['-c', 'import swift'], { stdio: 'ignore' }).status === 0;

const program = join(import.meta.dirname, 'swift-server.py');
const keys = { accessKey: 'test:tester', secretKey: 'the-secret-of-the-test' };
const startDeadlineMs = 60_000;

export async function startS3(): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-s3-'));
  const port = await freePort();
  let server = await startServer(folder, port);
  let buckets = 0;
  const urlOf = (bucket: string): string =>
    `s3://${bucket}/relay?endpoint=${encodeURIComponent(`http://127.0.0.1:${port}`)}&region=us-east-1`;
  return {
    keys,
    port,
    async makeBucket() {
      const url = urlOf(`bucket-${(buckets += 1)}`);
      const client = createS3Client({ place: parseS3Url(url), keys, clock: Date.now });
      await client.ask({ method: 'PUT', key: '' });
      client.close();
      return url;
    },
    missingBucket: () => urlOf('no-such-bucket'),
    async kill9() {
      await end(server);
    },
    async startAgain() {
      server = await startServer(folder, port);
    },
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async stop() {
      await end(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startServer(folder: string, port: number): Promise<ChildProcess> {
  const child = spawn(python, ['-W', 'ignore', program, folder, String(port)], {
    env: { PATH: process.env['PATH'], S3_USER: keys.accessKey.replace(':', '_'), S3_SECRET_KEY: keys.secretKey },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'exit').then(() => 'ended' as const);
  const late = AbortSignal.timeout(startDeadlineMs);
  const ready = once(child.stdout.setEncoding('utf8'), 'data', { signal: late }).then(() => 'ready' as const);
  if ((await Promise.race([ended, ready])) === 'ended') throw new Error(`Swift did not start: ${said}`);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

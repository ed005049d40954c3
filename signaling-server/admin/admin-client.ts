/** Asks the relay that is running on a data directory to do an admin's acts. */
import { request } from 'node:http';
import { ParleyError, errorBodySchema, isErrorCode } from '../../protocol/index.ts';
import { adminContract, type AdminAct, type AdminActs, type AdminInput, type AdminOutput } from './admin-contract.ts';

/** A backup of a large database takes its time. */
const patienceMs = 30 * 60_000;

/** @returns null when no relay listens at `path`. */
export async function connectAdmin(path: string): Promise<AdminActs | null> {
  try {
    await ask(path, 'status', {});
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    return null;
  }
  const acts = Object.keys(adminContract).map((act) => [act, (input: never) => ask(path, act as AdminAct, input)]);
  return Object.fromEntries(acts) as AdminActs;
}

async function ask<A extends AdminAct>(path: string, act: A, input: AdminInput<A>): Promise<AdminOutput<A>> {
  const { status, body } = await post(path, act, JSON.stringify(input));
  const value = JSON.parse(body) as unknown;
  if (status !== 200) throw toError(value);
  return adminContract[act].output.parse(value) as AdminOutput<A>;
}

function toError(value: unknown): ParleyError {
  const parsed = errorBodySchema.safeParse(value);
  const { code = 'internal', message = 'The running relay failed.', field } = parsed.data?.error ?? {};
  return new ParleyError(isErrorCode(code) ? code : 'internal', { message, ...(field !== undefined && { field }) });
}

function post(socketPath: string, act: string, body: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const asked = request({ socketPath, path: `/${act}`, method: 'POST', headers, timeout: patienceMs }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 500, body: Buffer.concat(chunks).toString() }));
      answer.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error('The running relay does not answer.')));
    asked.on('error', reject);
    asked.end(body);
  });
}

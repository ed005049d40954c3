/** Where a password for a command comes from: the terminal without echo, standard input, or made up. Never a flag. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { passwordSchema, ParleyError } from '../../protocol/index.ts';
import { createPassword } from '../http/secrets.ts';

export interface GivenPassword {
  readonly password: string;
  /** To be shown to the admin, who has not seen it yet. */
  readonly generated: boolean;
}

/** @throws ParleyError `bad_request` when it is too short, typed differently twice, or there is nowhere to ask. */
export async function askPassword(flags: Readonly<Record<string, unknown>>): Promise<GivenPassword> {
  if (flags['generatePassword'] === true) return { password: createPassword(), generated: true };
  if (flags['passwordStdin'] === true) return { password: checked(await readFirstLine()), generated: false };
  if (!process.stdin.isTTY) {
    throw refuse('There is no terminal to ask for the password. Use --password-stdin or --generate-password.');
  }
  const password = checked(await askHidden('Password: '));
  if ((await askHidden('Again: ')) !== password) throw refuse('The two passwords are not the same.');
  return { password, generated: false };
}

function checked(password: string): string {
  const parsed = passwordSchema.safeParse(password);
  if (parsed.success) return parsed.data;
  throw refuse(`The password is not usable: ${parsed.error.issues[0]?.message ?? 'it is not valid.'}`);
}

async function readFirstLine(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8').split(/\r?\n/, 1)[0] ?? '';
}

function askHidden(question: string): Promise<string> {
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: mute, terminal: true });
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    reader.once('SIGINT', () => {
      reader.close();
      reject(refuse('Stopped.'));
    });
    reader.question('', (answer) => {
      reader.close();
      process.stderr.write('\n');
      resolve(answer.normalize('NFC'));
    });
  });
}

function refuse(message: string): ParleyError {
  return new ParleyError('bad_request', { message });
}

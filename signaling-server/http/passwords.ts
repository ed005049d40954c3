/** Password hashing with argon2id, off the event loop, a bounded number at a time. */
import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { ParleyError } from '../../protocol/index.ts';
import type { PasswordHash } from '../ports/store.ts';

/** OWASP's password storage cheat sheet: argon2id with 19 MiB, two passes, one lane. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;
/** Matches no password; made with the same parameters, so that checking against it takes as long. */
const nobody: PasswordHash = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
/** Stays below libuv's four threads, which file access needs too, and bounds memory to as many times 19 MiB. */
const atOnce = Math.max(1, Math.min(3, availableParallelism() - 1));

export interface PasswordHasher {
  /** @throws ParleyError `unavailable` when too many wait already. */
  hash(password: string): Promise<PasswordHash>;
  /**
   * Takes as long for a null hash (nobody has that name) as for a wrong password.
   * @throws ParleyError `unavailable` when too many wait already.
   */
  verify(expected: PasswordHash | null, password: string): Promise<boolean>;
  /** Hashes that wait for their turn. */
  readonly waiting: number;
}

export function createPasswordHasher({ maxWaiting }: { maxWaiting: number }): PasswordHasher {
  const turns = createTurns(maxWaiting);
  return {
    hash: (password) => turns.run(() => hash(password, parameters)),
    verify: (expected, password) =>
      turns.run(async () => {
        const right = await verify(expected ?? nobody, password);
        return right && expected !== null;
      }),
    get waiting() {
      return turns.waiting;
    },
  };
}

/** Runs at most `atOnce` tasks; the others wait in order, and more than `maxWaiting` are refused. */
function createTurns(maxWaiting: number) {
  const queue: (() => void)[] = [];
  let running = 0;
  const enter = async (): Promise<void> => {
    if (running < atOnce) {
      running++;
      return;
    }
    if (queue.length >= maxWaiting) {
      throw new ParleyError('unavailable', {
        message: 'Too many people are logging in just now. Try again shortly.',
        retryAfterMs: 2_000,
      });
    }
    await new Promise<void>((resolve) => queue.push(resolve));
  };
  /** A place is handed on rather than freed, so that nobody slips in between. */
  const leave = (): void => {
    const next = queue.shift();
    if (next) next();
    else running--;
  };
  return {
    get waiting() {
      return queue.length;
    },
    async run<T>(task: () => Promise<T>): Promise<T> {
      await enter();
      try {
        return await task();
      } finally {
        leave();
      }
    },
  };
}

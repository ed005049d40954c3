/** Bounds how many uploads and downloads one user has under way, since each holds a file and a buffer. */
import { ParleyError, type UserId } from '../../protocol/index.ts';

export class TransferSlots {
  readonly #most: number;
  readonly #open = new Map<UserId, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** @returns gives the slot back; safe to call again. @throws ParleyError `rate_limited` when there is none. */
  take(user: UserId): () => void {
    const open = this.#open.get(user) ?? 0;
    if (open >= this.#most) {
      const message = `You have ${open} files on their way to or from this relay. Wait until some are through.`;
      throw new ParleyError('rate_limited', { message, retryAfterMs: 2_000 });
    }
    this.#open.set(user, open + 1);
    let taken = true;
    return () => {
      if (taken) this.#giveBack(user);
      taken = false;
    };
  }

  #giveBack(user: UserId): void {
    const left = (this.#open.get(user) ?? 1) - 1;
    if (left > 0) this.#open.set(user, left);
    else this.#open.delete(user);
  }
}

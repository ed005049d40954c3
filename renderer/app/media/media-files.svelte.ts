/** What a person does with a file beyond looking at it: open, show in its folder, save. Asks first where it is dangerous. */
import type { MediaRef } from '../../../bridge/media-views.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { ShellContract } from '../../../bridge/shell-contract.ts';
import type { Notices } from '../notices/notices.svelte.ts';

/** A file as its actions need it. */
export interface FileToOpen {
  readonly ref: MediaRef;
  readonly name: string;
  readonly dangerous: boolean;
  /** Who sent it; null: oneself. */
  readonly sender: string | null;
}

export class MediaFiles {
  readonly #shell: Pick<RpcClient<ShellContract>, 'invoke'>;
  readonly #notices: Pick<Notices, 'fail' | 'tell'>;
  #asking = $state.raw<FileToOpen | null>(null);

  constructor(shell: Pick<RpcClient<ShellContract>, 'invoke'>, notices: Pick<Notices, 'fail' | 'tell'>) {
    this.#shell = shell;
    this.#notices = notices;
  }

  /** The dangerous file about which the person is being asked. */
  get asking(): FileToOpen | null {
    return this.#asking;
  }

  async open(file: FileToOpen): Promise<void> {
    if (file.dangerous) this.#asking = file;
    else await this.#attempt(this.#shell.invoke('media.open', { ...file.ref, confirmed: false }));
  }

  /** The person was asked and wants it. @throws what the shell says. */
  async openAnyway(): Promise<void> {
    if (this.#asking) await this.#shell.invoke('media.open', { ...this.#asking.ref, confirmed: true });
  }

  dontOpen(): void {
    this.#asking = null;
  }

  async show(ref: MediaRef): Promise<void> {
    await this.#attempt(this.#shell.invoke('media.show', ref));
  }

  async save(ref: MediaRef): Promise<void> {
    const answer = await this.#attempt(this.#shell.invoke('media.save', ref));
    if (answer?.saved) this.#notices.tell('Saved.');
  }

  async #attempt<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      this.#notices.fail(error);
      return undefined;
    }
  }
}

/** A passphrase that seals or opens a backup: when it is new it is written twice. */
import { faultOf } from '../faults.ts';
import type { DataJobs } from './data-jobs.svelte.ts';

/** As the contract has it. */
const fewest = 8;

export class PassphraseForm {
  readonly #data: Pick<DataJobs, 'beginSealed'>;
  readonly #job: 'backup' | 'restore';
  passphrase = $state('');
  again = $state('');
  #faults = $state.raw<{ passphrase?: string; again?: string; general?: string }>({});
  #busy = $state.raw(false);

  constructor(data: Pick<DataJobs, 'beginSealed'>, job: 'backup' | 'restore') {
    this.#data = data;
    this.#job = job;
  }

  get faults() {
    return this.#faults;
  }
  get busy(): boolean {
    return this.#busy;
  }

  #check(): { passphrase?: string; again?: string } {
    if (this.passphrase === '') return { passphrase: 'Write the passphrase.' };
    if (this.#job === 'restore') return {};
    if ([...this.passphrase].length < fewest) return { passphrase: `Use at least ${fewest} characters.` };
    return this.passphrase === this.again ? {} : { again: 'This is not the same as above.' };
  }

  /** @returns whether the job began; not when something is wrong, or no place was chosen. */
  async submit(): Promise<boolean> {
    if (this.#busy) return false;
    this.#faults = this.#check();
    if (Object.keys(this.#faults).length > 0) return false;
    this.#busy = true;
    try {
      return await this.#data.beginSealed(this.#job, this.passphrase);
    } catch (error) {
      this.#faults = { general: faultOf(error).message };
      return false;
    } finally {
      this.#busy = false;
    }
  }
}

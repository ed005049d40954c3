/** The form by which a person logs in or creates an account: its fields, what is wrong with each, and sending it. */
import { displayNameSchema, passwordSchema, usernameSchema } from '../../../bridge/text-rules.ts';
import type { RelayView } from '../../../bridge/views.ts';
import { faultOf, type Fault } from '../faults.ts';
import type { Session } from '../session/session.svelte.ts';

export type AccountMode = 'login' | 'register';
export type AccountField = 'username' | 'displayName' | 'password' | 'invite';

/** Faults that belong to a field even when the answer does not name one. */
const fieldOfCode: Record<string, AccountField> = {
  username_taken: 'username',
  wrong_credentials: 'password',
  invite_required: 'invite',
  invite_invalid: 'invite',
};
const fieldNames: readonly string[] = ['username', 'displayName', 'password', 'invite'];

function fieldOf({ field, code }: Fault): AccountField | null {
  if (field !== null && fieldNames.includes(field)) return field as AccountField;
  return fieldOfCode[code] ?? null;
}

export class AccountForm {
  readonly #session: Pick<Session, 'login' | 'register'>;
  #mode = $state.raw<AccountMode>('login');
  #values = $state.raw<Record<AccountField, string>>({ username: '', displayName: '', password: '', invite: '' });
  /** Faults the relay found, or that were found on sending. */
  #faults = $state.raw<Partial<Record<AccountField, string>>>({});
  #general = $state.raw<Fault | null>(null);
  #left = $state.raw<ReadonlySet<AccountField>>(new Set());
  #busy = $state.raw(false);

  constructor(session: Pick<Session, 'login' | 'register'>, username: string) {
    this.#session = session;
    this.#values = { ...this.#values, username };
  }

  get mode(): AccountMode {
    return this.#mode;
  }
  set mode(mode: AccountMode) {
    this.#mode = mode;
    this.#faults = {};
    this.#general = null;
    this.#left = new Set();
  }
  get busy(): boolean {
    return this.#busy;
  }
  /** A fault that belongs to no field. */
  get general(): Fault | null {
    return this.#general;
  }

  value(field: AccountField): string {
    return this.#values[field];
  }

  type(field: AccountField, text: string): void {
    this.#values = { ...this.#values, [field]: text };
    this.#general = null;
    const { [field]: _, ...others } = this.#faults;
    this.#faults = others;
  }

  /** From now on the field's own rules are shown when they are broken. */
  leave(field: AccountField): void {
    if (this.#values[field] !== '') this.#left = new Set([...this.#left, field]);
  }

  fault(field: AccountField): string | null {
    const told = this.#faults[field];
    if (told !== undefined) return told;
    return this.#mode === 'register' && this.#left.has(field) ? this.#broken(field) : null;
  }

  #broken(field: AccountField): string | null {
    const rules = { username: usernameSchema, displayName: displayNameSchema, password: passwordSchema, invite: null };
    const rule = rules[field];
    return rule?.safeParse(this.#values[field]).error?.issues[0]?.message ?? null;
  }

  #findFaults(relay: RelayView): Partial<Record<AccountField, string>> {
    const { username, password, displayName, invite } = this.#values;
    if (this.#mode === 'login') {
      return {
        ...(username.trim() === '' ? { username: 'Write your username.' } : {}),
        ...(password === '' ? { password: 'Write your password.' } : {}),
      };
    }
    const faults = { username: this.#broken('username'), password: this.#broken('password') };
    return {
      ...(faults.username === null ? {} : { username: faults.username }),
      ...(displayName.trim() !== '' && this.#broken('displayName') !== null
        ? { displayName: this.#broken('displayName') ?? '' }
        : {}),
      ...(faults.password === null ? {} : { password: faults.password }),
      ...(relay.registration === 'invite' && invite.trim() === '' ? { invite: 'Write the code you were given.' } : {}),
    };
  }

  /** @returns the first field at fault, for the focus; null when it went through or the fault belongs to no field. */
  async submit(relay: RelayView): Promise<AccountField | null> {
    if (this.#busy) return null;
    this.#faults = this.#findFaults(relay);
    this.#general = null;
    const [first] = Object.keys(this.#faults) as AccountField[];
    if (first) return first;
    this.#busy = true;
    try {
      await this.#send(relay);
      return null;
    } catch (error) {
      return this.#refused(faultOf(error));
    } finally {
      this.#busy = false;
    }
  }

  #send({ address, registration }: RelayView): Promise<void> {
    const { username, password, displayName, invite } = this.#values;
    if (this.#mode === 'login') return this.#session.login({ address, username, password });
    return this.#session.register({
      address,
      username,
      password,
      displayName: displayName.trim() === '' ? username.trim() : displayName,
      ...(registration === 'invite' ? { invite } : {}),
    });
  }

  #refused(fault: Fault): AccountField | null {
    const field = fieldOf(fault);
    if (field === null) this.#general = fault;
    else this.#faults = { [field]: fault.message };
    return field;
  }
}

/** Strength by length only: long is what makes a password strong. */
export function passwordStrength(password: string): { level: 0 | 1 | 2 | 3; words: string } {
  const { length } = [...password];
  if (length === 0) return { level: 0, words: 'At least 8 characters. Longer is stronger.' };
  if (length < 8) return { level: 1, words: `Too short: ${8 - length} more.` };
  if (length < 14) return { level: 2, words: 'Good. A few words in a row are stronger still.' };
  return { level: 3, words: 'Strong.' };
}

/** Changing the profile and the password: fields, what is wrong with each, and saving. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import { displayNameSchema, emailSchema, passwordSchema, phoneSchema } from '../../../bridge/text-rules.ts';
import type { AccountView } from '../../../bridge/views.ts';
import { faultOf } from '../faults.ts';
import type { Session } from '../session/session.svelte.ts';

export type SavePhase = 'idle' | 'saving' | 'saved';
export type ProfileField = 'displayName' | 'email' | 'phone';

const fieldOfCode: Record<string, ProfileField> = { email_taken: 'email', phone_taken: 'phone' };

function firstIssue(result: { error?: { issues: readonly { message: string }[] } | undefined }): string | null {
  return result.error?.issues[0]?.message ?? null;
}

export class ProfileForm {
  readonly #session: Pick<Session, 'update'>;
  #stored: Record<ProfileField, string>;
  #values = $state.raw<Record<ProfileField, string>>({ displayName: '', email: '', phone: '' });
  #faults = $state.raw<Partial<Record<ProfileField, string>>>({});
  #general = $state.raw<string | null>(null);
  #phase = $state.raw<SavePhase>('idle');

  constructor(session: Pick<Session, 'update'>, { displayName, email, phone }: AccountView) {
    this.#session = session;
    this.#stored = { displayName, email: email ?? '', phone: phone ?? '' };
    this.#values = this.#stored;
  }

  get phase(): SavePhase {
    return this.#phase;
  }
  get general(): string | null {
    return this.#general;
  }
  get changed(): boolean {
    return Object.entries(this.#values).some(([field, text]) => text !== this.#stored[field as ProfileField]);
  }
  value(field: ProfileField): string {
    return this.#values[field];
  }
  fault(field: ProfileField): string | null {
    return this.#faults[field] ?? null;
  }

  type(field: ProfileField, text: string): void {
    this.#values = { ...this.#values, [field]: text };
    this.#phase = 'idle';
    this.#general = null;
    const { [field]: _, ...others } = this.#faults;
    this.#faults = others;
  }

  #check(): Partial<Record<ProfileField, string>> {
    const { displayName, email, phone } = this.#values;
    const found = {
      displayName: firstIssue(displayNameSchema.safeParse(displayName)),
      email: email.trim() === '' ? null : firstIssue(emailSchema.safeParse(email)),
      phone: phone.trim() === '' ? null : firstIssue(phoneSchema.safeParse(phone)),
    };
    return Object.fromEntries(Object.entries(found).filter(([, fault]) => fault !== null));
  }

  async save(): Promise<void> {
    this.#faults = this.#check();
    if (this.#phase === 'saving' || Object.keys(this.#faults).length > 0) return;
    this.#phase = 'saving';
    const { displayName, email, phone } = this.#values;
    try {
      await this.#session.update({ displayName, email: email.trim() || null, phone: phone.trim() || null });
      this.#stored = this.#values;
      this.#phase = 'saved';
    } catch (error) {
      this.#refused(error);
    }
  }

  #refused(error: unknown): void {
    const { code, field, message } = faultOf(error);
    const at = (field !== null && field in this.#values ? field : fieldOfCode[code]) as ProfileField | undefined;
    if (at === undefined) this.#general = message;
    else this.#faults = { [at]: message };
    this.#phase = 'idle';
  }
}

export class PasswordForm {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke'>;
  current = $state('');
  next = $state('');
  /** Whether the other devices erase what they keep. */
  erase = $state(false);
  #erased = $state(false);
  #faults = $state.raw<{ current?: string; next?: string; general?: string }>({});
  #phase = $state.raw<SavePhase>('idle');

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke'>) {
    this.#engine = engine;
  }

  get faults() {
    return this.#faults;
  }
  get phase(): SavePhase {
    return this.#phase;
  }

  /** What became of the other devices with the last change. */
  get erased(): boolean {
    return this.#erased;
  }

  async save(): Promise<void> {
    if (this.#phase === 'saving') return;
    const weak = firstIssue(passwordSchema.safeParse(this.next));
    this.#faults = {
      ...(this.current === '' ? { current: 'Write your current password.' } : {}),
      ...(weak === null ? {} : { next: weak }),
    };
    if (Object.keys(this.#faults).length > 0) return;
    this.#phase = 'saving';
    try {
      const { current, next, erase } = this;
      await this.#engine.invoke('account.change-password', { current, next, erase });
      this.#erased = erase;
      this.erase = false;
      this.current = '';
      this.next = '';
      this.#phase = 'saved';
    } catch (error) {
      this.#refused(error);
    }
  }

  #refused(error: unknown): void {
    const { code, field, message } = faultOf(error);
    if (field === 'next' || field === 'password') this.#faults = { next: message };
    else if (field === 'current' || code === 'wrong_credentials') this.#faults = { current: message };
    else this.#faults = { general: message };
    this.#phase = 'idle';
  }
}

/** What the stores' accounts have in common: what is said of a name that is taken, and which changes are meant. */
import { ParleyError } from '../../protocol/index.ts';

const taken = {
  username: { code: 'username_taken', message: 'This username is taken. Choose another one.' },
  email: { code: 'email_taken', message: 'Another account uses this e-mail address.' },
  phone: { code: 'phone_taken', message: 'Another account uses this phone number.' },
} as const;

export function nameTaken(field: keyof typeof taken, cause?: unknown): ParleyError {
  return new ParleyError(taken[field].code, { message: taken[field].message, field, cause });
}

export function withoutUndefined<T extends object>(changes: T): Partial<T> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Partial<T>;
}

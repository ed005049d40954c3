/** What people may call themselves. */
import { describe, expect, it } from 'vitest';
import {
  displayNameSchema,
  emailSchema,
  passwordSchema,
  phoneSchema,
  usernameSchema,
} from '../../../protocol/index.ts';

const parses = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

describe('usernames', () => {
  it('fold case, width and surrounding space into one form', () => {
    expect(usernameSchema.parse('  Anna.Lee ')).toBe('anna.lee');
    expect(usernameSchema.parse('ＡＮＮＡ')).toBe('anna');
  });

  it.each(['ab', 'a'.repeat(33), 'anna lee', 'änna', 'аnna', 'anna\u200b', 'a/b', ''])('refuse %j', (name) => {
    expect(parses(usernameSchema, name)).toBe(false);
  });
});

describe('display names', () => {
  it.each(['A', 'Zoë van der Meer', '山田太郎', 'محمد علي', '👩‍👩‍👧 Family', 'x'.repeat(64)])('take %j', (name) => {
    expect(parses(displayNameSchema, name)).toBe(true);
  });

  it.each(['', '   ', 'a\u202Eb', 'a\u200Bb', 'a\u0000b', 'a\nb', 'a\u200Db', '\uFEFFa b\u2066', 'x'.repeat(65)])(
    'refuse %j',
    (name) => {
      expect(parses(displayNameSchema, name)).toBe(false);
    },
  );
});

describe('the other fields', () => {
  it('take what people have and refuse what cannot be', () => {
    expect(emailSchema.parse(' Anna@Example.org ')).toBe('anna@example.org');
    expect(parses(emailSchema, 'anna@example')).toBe(false);
    expect(phoneSchema.parse('+49 (30) 123-456')).toBe('+4930123456');
    expect(parses(phoneSchema, '12')).toBe(false);
    expect(parses(passwordSchema, 'seven77')).toBe(false);
    expect(passwordSchema.parse('e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301')).toBe('é'.repeat(8));
  });
});

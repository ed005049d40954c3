/** Session tokens and invite codes: random, shown once, kept only as their SHA-256. */
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { SecretHash } from '../ports/store.ts';

const tokenBytes = 32;

/** 256 random bits as base64url. */
export function createToken(): string {
  return randomBytes(tokenBytes).toString('base64url');
}

/** Letters and digits that are not taken for one another when read aloud or typed from paper. */
const codeAlphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
const codeGroups = 5;
const groupCharacters = 5;

/** 25 characters in groups, 123 random bits: `k3v9x-…`. The first group is the invite's label. */
export function createInviteCode(): { code: string; label: string } {
  const group = () =>
    Array.from({ length: groupCharacters }, () => codeAlphabet[randomInt(codeAlphabet.length)]).join('');
  const groups = Array.from({ length: codeGroups }, group);
  return { code: groups.join('-'), label: groups[0] ?? '' };
}

export function createPassword(): string {
  return createInviteCode().code;
}

/** How a person may have typed a code: capitals, spaces around it. */
export function normalizeInviteCode(code: string): string {
  return code.trim().toLowerCase();
}

/** A fast hash is enough for secrets of this many random bits: there is nothing to guess. */
export function hashSecret(secret: string): SecretHash {
  return createHash('sha256').update(secret).digest();
}

/** Takes the same time wherever the two differ. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(hashSecret(a), hashSecret(b));
}

/** Brings what a sender says of a file into a form that is safe to keep, to show and to save by. */
import type { MediaKind } from '../../../protocol/index.ts';
import { isDangerous } from './dangerous.ts';
import { inlineType, plainType } from './inline-type.ts';
import { safeName } from './safe-name.ts';

interface Claims {
  readonly kind: MediaKind;
  readonly name: string;
  readonly type: string;
}

/** Whatever cannot be shown safely is a `file`. Doing it again changes nothing. */
export function presentable<T extends Claims>(claims: T): T {
  const name = safeName(claims.name);
  const type = plainType(claims.type);
  const isShown = inlineType(claims.kind, type) !== null && !isDangerous(name, type);
  return { ...claims, name, type, kind: isShown ? claims.kind : 'file' };
}

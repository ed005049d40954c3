/** Says in words what a place of the person's choice refused: their disk there, not the one on which Parley stores. */
import { ParleyError } from '../../../protocol/index.ts';
import { storageErrorFrom } from '../storage/faults.ts';

const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** For work that writes. Errors of the database and those in words already stay what they are. */
export function explainWriting(error: unknown): unknown {
  const code = fileCode(error);
  if (code === null) return storageErrorFrom(error);
  return new ParleyError('storage_failed', {
    message: fullCodes.has(code)
      ? 'There is not enough room in that place. Free some space there, or choose another place.'
      : 'That place could not be written to. Check that it is there and that you may write to it, or choose another.',
  });
}

/** For work that reads. */
export function explainReading(error: unknown): unknown {
  if (fileCode(error) === null) return storageErrorFrom(error);
  return new ParleyError('file_unreadable', {
    message: 'That place could not be read. Check that everything is still there and that you may read it.',
  });
}

/** Null for what does not come from the file system. */
function fileCode(error: unknown): string | null {
  const code = error instanceof Error && !(error instanceof ParleyError) ? (error as { code?: unknown }).code : null;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : null;
}

/** How the command line ends: 0 done, 1 it could not be done, 2 it was asked wrongly. */
import { ParleyError } from '../../protocol/index.ts';

export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** One line for standard error, and the exit code that goes with it. */
export function explainFailure(error: unknown): { line: string; exitCode: number } {
  if (!(error instanceof ParleyError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { line: `parley-relay: ${message.split('\n')[0]}`, exitCode: exitCodes.failed };
  }
  const where = error.field === undefined || error.message.includes(error.field) ? '' : `${error.field}: `;
  const why =
    error.code !== 'bad_request' && error.cause instanceof Error ? ` (${error.cause.message.split('\n')[0]})` : '';
  const exitCode = error.code === 'bad_request' ? exitCodes.usage : exitCodes.failed;
  return { line: `parley-relay: ${where}${error.message}${why}`, exitCode };
}

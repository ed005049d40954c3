/** Hands links over to the system's programs. */
import { shell } from 'electron';
import { ParleyError } from '../protocol/index.ts';
import { allowedLink } from './link-policy.ts';

/** @throws ParleyError `forbidden` for links of other kinds, `unavailable` when the system has no program for it. */
export async function openLink(link: string): Promise<void> {
  const url = allowedLink(link);
  if (url === null) {
    throw new ParleyError('forbidden', {
      message: 'Parley opens only web and mail links. Copy the link if you trust it.',
    });
  }
  await shell.openExternal(url).catch((cause: unknown) => {
    throw new ParleyError('unavailable', {
      message: 'This system has no program for this link. Copy it instead.',
      cause,
    });
  });
}

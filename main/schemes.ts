/** Parley's own address schemes and what Chromium lets them do. */
import { protocol } from 'electron';
import { mediaScheme } from '../bridge/media-address.ts';
import { appScheme } from '../bridge/page-addresses.ts';

/** Before `ready`, and once: a second call would replace the first. */
export function registerSchemes(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true } },
    {
      scheme: mediaScheme,
      // `corsEnabled`: pictures are drawn to a canvas to be copied, which asks with CORS.
      privileges: { standard: true, secure: true, stream: true, supportFetchAPI: true, corsEnabled: true },
    },
  ]);
}

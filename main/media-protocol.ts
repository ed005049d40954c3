/** Shows the app page the files of messages under `parley-media://`; the engine deciphers them, part by part. */
import { protocol } from 'electron';
import { mediaScheme } from '../bridge/media-address.ts';
import { answerMediaRequest, type AskEngine } from './media-answer.ts';

/** After `ready`. That only the app page may ask is seen to before requests come here (security.ts). */
export function serveMedia(ask: AskEngine): void {
  protocol.handle(mediaScheme, (request) => answerMediaRequest(request, ask));
}

/** When too much waits for the store, a send or cursor is refused at once with "try again", and nothing piles up. */
import { expect, it } from 'vitest';
import { createId, decodeRelayFrames, type ConversationId, type RelayFrame } from '../../../protocol/index.ts';
import type { Commits } from '../../../signaling-server/relay/commits.ts';
import type { RelayParts } from '../../../signaling-server/relay/relay-parts.ts';
import type { OpenSession } from '../../../signaling-server/relay/session.ts';
import { defaultRelaySettings } from '../../../signaling-server/relay/settings.ts';
import { TokenBucket } from '../../../signaling-server/relay/token-bucket.ts';
import { createFrameHandlers } from '../../../signaling-server/socket/frame-handlers.ts';
import { message } from '../../support/relay-client.ts';

it('tells the device when to try again', () => {
  const said: RelayFrame[] = [];
  const wire = { send: (frame: Uint8Array) => said.push(...decodeRelayFrames(frame)) };
  const session = { state: 'open', wire, person: { sends: new TokenBucket(10, 0) } } as unknown as OpenSession;
  const settings = { ...defaultRelaySettings, name: 'Test', version: '0' };
  const commits: Commits = { send: () => false, move: () => false, settled: async () => {}, waiting: 0 };
  const handlers = createFrameHandlers(
    { uptime: () => 0, settings } as RelayParts,
    { commits } as Parameters<typeof createFrameHandlers>[1],
  );
  const conversation = createId<ConversationId>();
  const sent = message(conversation, 'text');
  void handlers.send(session, sent);
  void handlers.cursor(session, { type: 'cursor', conversation, read: 1 });
  expect(said).toMatchObject([
    { type: 'refused', id: sent.id, code: 'unavailable', retryAfterMs: expect.any(Number) },
    { type: 'error', conversation, code: 'unavailable', retryAfterMs: expect.any(Number) },
  ]);
});

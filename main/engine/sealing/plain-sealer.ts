/** The sealer of today: one version byte, then the content as it is. */
import type { Sealer } from './sealer.ts';

const plainVersion = 0x00;
const nothingToStore = () => {};

export const plainSealer: Sealer = {
  opensAhead: true,
  async seal({ content }) {
    const payload = new Uint8Array(content.byteLength + 1);
    payload[0] = plainVersion;
    payload.set(content, 1);
    return { payload, store: nothingToStore };
  },
  async open(_conversation, { payload }) {
    return { content: contentOf(payload), store: nothingToStore };
  },
  reopen: async (_conversation, { payload }) => contentOf(payload),
};

function contentOf(payload: Uint8Array): Uint8Array | null {
  return payload[0] === plainVersion ? payload.subarray(1) : null;
}

/** Rules about files: the relay has each of them once its sender could give it, and it opens to the bytes that were sent. */
import { openChunk } from '../../../main/engine/blobs/chunk-sealing.ts';
import { paths, type ConversationId, type MediaItem, type MessageId } from '../../../protocol/index.ts';
import type { World } from '../world.ts';
import type { AuditorAccount } from './audit.ts';
import { isSignedIn, type Findings } from './findings.ts';
import { indexSaid } from './said.ts';

const absent = 'is answered with 404 by the relay';

export interface FileChecker {
  /** Looks at each file once. @returns what is against the rules. */
  check(findings: Findings): Promise<string[]>;
}

export function createFileChecker({ relay, devices, people, past }: World): FileChecker {
  const sound = new Set<MessageId>();

  /** @returns what is wrong with it; null when it is as it was sent. */
  async function faultOf(
    conversation: ConversationId,
    item: MediaItem,
    file: Uint8Array,
    auditor: AuditorAccount,
  ): Promise<string | null> {
    const road = `${paths.blobs.replace(':conversation', conversation)}/${item.blob}`;
    const answer = await fetch(relay.address + road, { headers: { authorization: `Bearer ${auditor.token}` } });
    if (answer.status === 404) return absent;
    if (answer.status !== 200) return `is answered with ${answer.status} by the relay`;
    const plain = openChunk(item.key, 0, true, new Uint8Array(await answer.arrayBuffer()));
    if (plain === null) return 'cannot be opened';
    return Buffer.compare(plain, file) === 0 ? null : 'holds other bytes than were sent';
  }

  return {
    async check({ logs, shown, devices: states }) {
      const said = indexSaid(logs);
      const signedIn = new Set(states.filter(isSignedIn).map(({ device }) => device.index));
      const wrong: string[] = [];
      for (const { index, spec, ledger } of devices) {
        for (const { text, file, excuse } of ledger.typed) {
          const place = file ? said.byWords(text) : undefined;
          const auditor = people[spec.person]?.auditor;
          if (!file || !auditor || place?.content?.kind !== 'media' || sound.has(place.envelope.id)) continue;
          const { id } = place.envelope;
          if (shown.get(place.conversation)?.get(id)?.kind === 'deleted') continue;
          const [item] = place.content.items;
          // A message goes before its file: whoever logs out in between gives it after the next log-in, or erased it.
          // A copy of the relay may have the message from before its file was there.
          const mayLack = excuse !== null || !signedIn.has(index) || past.putBacks > 0;
          const fault = item ? await faultOf(place.conversation, item, file, auditor) : 'is missing';
          if (fault === null) sound.add(id);
          else if (fault !== absent || !mayLack) wrong.push(`files: that of ${id} from device ${index} ${fault}`);
        }
      }
      return wrong;
    },
  };
}

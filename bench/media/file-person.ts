/** A headless engine that sends and takes files, with what a benchmark wants to know of its transfers. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { MediaRef, TransferView } from '../../bridge/media-views.ts';
import type { HeadlessClient } from '../../main/engine/headless.ts';
import type { ConversationId } from '../../protocol/index.ts';

export interface SentFile {
  readonly ref: MediaRef;
  readonly bytes: number;
}

/** Puts a file into the outbox, as a person would who chose it. */
export async function sendFile(client: HeadlessClient, conversation: ConversationId, path: string): Promise<SentFile> {
  const [grant] = await client.guest.invoke('files.grant', { paths: [path] });
  if (!grant) throw new Error(`${path} cannot be read.`);
  const { id: message } = await client.invoke('media.send', {
    conversation,
    text: '',
    items: [
      {
        kind: 'file',
        name: basename(path),
        type: 'application/octet-stream',
        source: { from: 'grant', grant: grant.grant },
      },
    ],
  });
  return { ref: { conversation, message, item: 0 }, bytes: statSync(path).size };
}

/** Resolves with the moment (`performance.now()`) at which the file's transfer is in one of these states. */
export function reached(client: HeadlessClient, ref: MediaRef, ...states: TransferView['state'][]): Promise<number> {
  return new Promise((resolve, reject) => {
    const stop = client.on('transfers.changed', (transfers) => transfers.forEach(look));
    client.invoke('transfers.list').then((transfers) => transfers.forEach(look), reject);

    function look(view: TransferView): void {
      if (view.ref.message !== ref.message || view.ref.item !== ref.item) return;
      if (states.includes(view.state)) {
        stop();
        resolve(performance.now());
      } else if (view.state === 'failed') {
        stop();
        reject(new Error(`The transfer failed: ${view.fault?.message ?? 'no words'}`));
      }
    }
  });
}

/** Resolves once the message with the file is known to this device. */
export function arrived(client: HeadlessClient, { conversation, message }: MediaRef): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = client.on('messages.changed', () => void look());
    const look = (): Promise<void> =>
      client
        .invoke('messages.page', { conversation, anchor: { at: 'latest' } })
        .then(({ messages }) => {
          if (!messages.some(({ id }) => id === message)) return;
          stop();
          resolve();
        })
        .catch(reject);
    void look();
  });
}

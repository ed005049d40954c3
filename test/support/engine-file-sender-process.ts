/** Runs as a process: logs in from its folder, sends a message with files and says so once it is kept. */
import { createHeadlessClient } from '../../main/engine/headless.ts';
import type { FileSenderTask } from './engine-file-sender.ts';

const { dataDir, address, conversation, paths } = JSON.parse(process.argv[2] ?? '') as FileSenderTask;
const client = await createHeadlessClient({ dataDir, address, username: '', password: '' });
const grants = await client.guest.invoke('files.grant', { paths: [...paths] });
const staged = await client.invoke('media.stage', { bytes: new TextEncoder().encode('made by the page') });
const message = await client.invoke('media.send', {
  conversation,
  text: 'with files',
  items: [
    ...grants.flatMap((grant) =>
      grant
        ? [
            {
              kind: 'file' as const,
              name: grant.name,
              type: '',
              source: { from: 'grant' as const, grant: grant.grant },
            },
          ]
        : [],
    ),
    { kind: 'file', name: 'note.txt', type: 'text/plain', source: { from: 'stage', stage: staged.stage } },
  ],
});
process.send?.(message.id);

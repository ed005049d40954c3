/** An outage is one line now and then, however many frames fail in it. */
import { expect, it } from 'vitest';
import { ParleyError } from '../../../protocol/index.ts';
import type { Log } from '../../../signaling-server/ports/log.ts';
import { OutageLog } from '../../../signaling-server/relay/outage-log.ts';

it('says that the store is away once in a while with a count, and every other fault each time', () => {
  const lines: { level: string; passedOver?: unknown }[] = [];
  const log: Log = {
    debug() {},
    info() {},
    warn: (_event, fields) => lines.push({ level: 'warn', passedOver: fields?.['passedOver'] }),
    error: () => lines.push({ level: 'error' }),
  };
  let now = 0;
  const outage = new OutageLog({ log, uptime: () => now }, 'messages.not_stored');
  const away = new ParleyError('unavailable', { message: 'Away.' });
  for (; now < 10_000; now += 100) outage.note(away);
  outage.note(new Error('broken'));
  outage.note(away);
  expect(lines).toEqual([{ level: 'warn', passedOver: 0 }, { level: 'error' }, { level: 'warn', passedOver: 99 }]);
});

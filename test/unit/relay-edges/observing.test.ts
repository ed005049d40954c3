/** What the relay says about itself: log lines and metrics. */
import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../protocol/index.ts';
import { createPinoLog } from '../../../signaling-server/observe/pino-log.ts';
import { createPrometheusMetrics } from '../../../signaling-server/observe/prometheus-metrics.ts';

describe('the log', () => {
  it('writes one JSON object a line and leaves out what is below its level', () => {
    const lines: string[] = [];
    const log = createPinoLog({ level: 'info', format: 'json', stream: { write: (line) => void lines.push(line) } });
    log.debug('socket.opened');
    log.info('relay.listening', { port: 8080 });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', msg: 'relay.listening', port: 8080 });
    expect(new Date(JSON.parse(lines[0] ?? '').time).getTime()).toBeGreaterThan(0);
  });

  it('tells an error by its code, message and cause, never by what else it carries', () => {
    const lines: string[] = [];
    const log = createPinoLog({ level: 'info', format: 'json', stream: { write: (line) => void lines.push(line) } });
    const error = new ParleyError('internal', { message: 'It broke.', cause: new Error('the disk') });
    log.error('http.failed', { error: Object.assign(error, { payload: 'secret words' }) });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: 'It broke.', code: 'internal', cause: 'the disk' });
    expect(lines[0]).not.toContain('secret words');
  });
});

describe('the metrics', () => {
  it('count sockets, frames and messages, and show gauges as they are when asked', async () => {
    const metrics = createPrometheusMetrics();
    let waiting = 1;
    metrics.gauge('waiting', 'Things that wait.', () => waiting);
    metrics.socketOpened();
    metrics.socketOpened();
    metrics.sessionOpened();
    metrics.socketClosed(4401, true);
    metrics.frameReceived('send');
    metrics.frameReceived('send');
    metrics.messagesAccepted(3);
    metrics.committed(3, 2);
    waiting = 7;
    const text = await metrics.render();
    for (const line of [
      'parley_sockets_open 1',
      'parley_sessions_open 0',
      'parley_sockets_closed_total{code="4401"} 1',
      'parley_frames_received_total{type="send"} 2',
      'parley_messages_accepted_total 3',
      'parley_commit_messages_sum 3',
      'parley_commit_seconds_sum 0.002',
      'parley_waiting 7',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(await metrics.render()).toContain('parley_messages_accepted_total 3');
  });

  it('keep a bounded number of labels whatever they are given', async () => {
    const metrics = createPrometheusMetrics();
    for (let i = 0; i < 1_000; i++) metrics.frameRefused(`code${i}`);
    const rows = (await metrics.render()).split('\n').filter((line) => line.startsWith('parley_frames_refused_total{'));
    expect(rows.length).toBeLessThanOrEqual(101);
    expect(rows).toContain('parley_frames_refused_total{code="other"} 900');
  });
});

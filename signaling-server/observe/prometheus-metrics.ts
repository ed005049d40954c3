/** Counts what the relay's parts report and shows it in Prometheus' text format. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { RelayMetrics } from '../ports/metrics.ts';

export interface PrometheusMetrics extends RelayMetrics {
  httpAnswered(status: number): void;
  readonly contentType: string;
  /** @returns the text that `/metrics` answers with. */
  render(): Promise<string>;
}

/** Frames and messages are counted in plain numbers on the hot path and handed to Prometheus when it asks. */
export function createPrometheusMetrics(): PrometheusMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const received = countByLabel(registry, 'parley_frames_received_total', 'Frames from devices.', 'type');
  const refused = countByLabel(
    registry,
    'parley_frames_refused_total',
    'Frames that could not be carried out.',
    'code',
  );
  const closed = countByLabel(registry, 'parley_sockets_closed_total', 'Sockets that closed, by close code.', 'code');
  const answered = countByLabel(registry, 'parley_http_answers_total', 'HTTP answers, by status.', 'status');
  const opened = count(registry, 'parley_sockets_opened_total', 'Sockets that opened.');
  const sessions = count(registry, 'parley_sessions_opened_total', 'Sockets that said hello and were welcomed.');
  const accepted = count(registry, 'parley_messages_accepted_total', 'Messages stored for good.');
  const delivered = count(registry, 'parley_messages_delivered_total', 'Messages written to the sockets of devices.');
  const lagging = count(
    registry,
    'parley_sessions_lagging_total',
    'Times that a full socket was left to the database.',
  );
  const published = count(registry, 'parley_blobs_published_total', 'Blobs that were uploaded whole.');
  const bytesIn = count(registry, 'parley_blob_received_bytes_total', 'Bytes of blobs received.');
  const bytesOut = count(registry, 'parley_blob_sent_bytes_total', 'Bytes of blobs sent.');
  const blobRefused = countByLabel(registry, 'parley_blobs_refused_total', 'Requests for blobs refused.', 'code');
  const open = { sockets: 0, sessions: 0 };
  const commits = {
    seconds: new Histogram({
      name: 'parley_commit_seconds',
      help: 'Time of one durable commit of the log.',
      buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
    messages: new Histogram({
      name: 'parley_commit_messages',
      help: 'Messages in one durable commit.',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
      registers,
    }),
  };
  const gauge: RelayMetrics['gauge'] = (name, help, read) => {
    const full = name.startsWith('parley_') ? name : `parley_${name}`;
    new Gauge({
      name: full,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  };
  gauge('sockets_open', 'Sockets open now.', () => open.sockets);
  gauge('sessions_open', 'Welcomed sockets open now.', () => open.sessions);

  return {
    socketOpened() {
      open.sockets++;
      opened.add(1);
    },
    socketClosed(closeCode, authenticated) {
      open.sockets--;
      if (authenticated) open.sessions--;
      closed(String(closeCode));
    },
    sessionOpened() {
      open.sessions++;
      sessions.add(1);
    },
    frameReceived: received,
    frameRefused: refused,
    messagesAccepted: accepted.add,
    messagesDelivered: delivered.add,
    committed(messages, ms) {
      commits.seconds.observe(ms / 1_000);
      commits.messages.observe(messages);
    },
    sessionLagging: () => lagging.add(1),
    blobPublished: () => published.add(1),
    blobBytesIn: bytesIn.add,
    blobBytesOut: bytesOut.add,
    blobRefused,
    gauge,
    httpAnswered: (status) => answered(String(status)),
    contentType: registry.contentType,
    render: () => registry.metrics(),
  };
}

function count(registry: Registry, name: string, help: string) {
  let total = 0;
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(total);
    },
  });
  return {
    add(by: number) {
      total += by;
    },
  };
}

/** Labels come from the relay's own tables; more than these are counted together, so that memory stays bounded. */
const mostLabels = 100;

function countByLabel(registry: Registry, name: string, help: string, label: string): (value: string) => void {
  const totals = new Map<string, number>();
  new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, total] of totals) this.inc({ [label]: value }, total);
    },
  });
  return (value) => {
    const known = totals.has(value) || totals.size < mostLabels ? value : 'other';
    totals.set(known, (totals.get(known) ?? 0) + 1);
  };
}

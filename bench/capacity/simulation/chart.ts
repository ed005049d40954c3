/** Draws a run as a picture: latency above, queues below, both over time. Colours that stand out on white and on black. */
import type { Run } from './simulate.ts';
import type { Stretch } from './recorder.ts';

interface Series {
  readonly label: string;
  readonly colour: string;
  /** NaN where there is nothing to show. */
  readonly of: (stretch: Stretch) => number;
}

interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
  /** Bounds of a logarithmic axis, powers of ten. */
  readonly from: number;
  readonly to: number;
  readonly tick: (value: number) => string;
}

const ink = '#7d8590';
const faint = '#7d859040';
const colours = { calm: '#3b8eea', warm: '#d9822b', alarm: '#d1495b', other: '#2a9d6f' } as const;
const size = { width: 760, panel: 190, left: 70, right: 20, top: 44, gap: 62, bottom: 44 } as const;

const latency: Panel = {
  title: 'from typed to on another screen',
  from: -2,
  to: 2,
  tick: (value) => (value < 1 ? `${value * 1_000} ms` : `${value} s`),
  series: [
    { label: 'p50', colour: colours.calm, of: ({ delivery }) => delivery.percentile(0.5) },
    { label: 'p99', colour: colours.warm, of: ({ delivery }) => delivery.percentile(0.99) },
    { label: 'p99.9', colour: colours.alarm, of: ({ delivery }) => delivery.percentile(0.999) },
  ],
};

/** Empty queues lie on the floor of the panel. */
const atLeastOne = (value: number): number => Math.max(1, value);

const queues: Panel = {
  title: 'how many',
  from: 0,
  to: 6,
  tick: (value) => value.toLocaleString('en'),
  series: [
    { label: 'devices out', colour: colours.alarm, of: ({ devicesOut }) => atLeastOne(devicesOut) },
    { label: 'messages in outboxes', colour: colours.warm, of: ({ outboxes }) => atLeastOne(outboxes) },
    { label: 'jobs at the fullest relay', colour: colours.calm, of: ({ relayJobs }) => atLeastOne(relayJobs) },
    {
      label: 'waiting for a group',
      colour: colours.other,
      of: ({ groupWaiting }) => atLeastOne(groupWaiting),
    },
  ],
};

export function drawRun(run: Run): string {
  const height = size.top + size.panel * 2 + size.gap + size.bottom;
  const second = size.top + size.panel + size.gap;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" font-family="sans-serif" font-size="12" fill="${ink}">`,
    `<title>${escape(run.scenario.title)}</title>`,
    text(size.left, 18, run.scenario.title, 'font-size="14" font-weight="bold"'),
    drawPanel(run, latency, size.top),
    drawPanel(run, queues, second),
    drawTimes(run, second + size.panel),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

const escape = (words: string): string => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const round = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

function text(x: number, y: number, words: string, more = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" ${more}>${escape(words)}</text>`;
}

const plotWidth = size.width - size.left - size.right;

function xOf(run: Run, time: number): number {
  return size.left + (time / run.scenario.seconds) * plotWidth;
}

function yOf(panel: Panel, top: number, value: number): number {
  const part = (Math.log10(value) - panel.from) / (panel.to - panel.from);
  return top + size.panel * (1 - Math.min(1, Math.max(0, part)));
}

function drawPanel(run: Run, panel: Panel, top: number): string {
  return [grid(panel, top), legend(panel, top), ...panel.series.map((series) => curve(run, panel, series, top))].join(
    '\n',
  );
}

function grid(panel: Panel, top: number): string {
  const lines: string[] = [];
  for (let power = panel.from; power <= panel.to; power++) {
    const y = yOf(panel, top, 10 ** power);
    lines.push(`<path d="M${size.left} ${round(y)}H${size.width - size.right}" stroke="${faint}"/>`);
    lines.push(text(size.left - 8, y + 4, panel.tick(10 ** power), 'text-anchor="end"'));
  }
  return lines.join('\n');
}

function legend(panel: Panel, top: number): string {
  let x: number = size.left;
  const words = [text(x, top - 10, panel.title)];
  x += panel.title.length * 6 + 20;
  for (const { label, colour } of panel.series) {
    words.push(text(x, top - 10, `— ${label}`, `fill="${colour}"`));
    x += label.length * 6 + 32;
  }
  return words.join('\n');
}

/** A pen that lifts where there is nothing to show. */
function curve(run: Run, panel: Panel, { colour, of }: Series, top: number): string {
  let isDown = false;
  const moves = run.stretches.map((stretch) => {
    const value = of(stretch);
    const command = isDown ? 'L' : 'M';
    isDown = Number.isFinite(value);
    if (!isDown) return '';
    return `${command}${round(xOf(run, stretch.time))} ${round(yOf(panel, top, value))}`;
  });
  return `<path d="${moves.join('')}" fill="none" stroke="${colour}" stroke-width="1.8" stroke-linejoin="round"/>`;
}

/** Even numbers of hours or seconds. */
const marksOf = (run: Run): number => (run.scenario.pace === 0 ? 9 : 8);

function drawTimes(run: Run, bottom: number): string {
  const { seconds, pace } = run.scenario;
  const marks = marksOf(run);
  const labels = Array.from({ length: marks + 1 }, (_, index) => {
    const time = (seconds * index) / marks;
    const words = pace === 0 ? String(time) : String((time * pace) / 3_600);
    return text(xOf(run, time), bottom + 18, words, 'text-anchor="middle"');
  });
  const axis = pace === 0 ? 'seconds' : 'hour of the day';
  return [...labels, text(size.left + plotWidth / 2, bottom + 36, axis, 'text-anchor="middle"')].join('\n');
}

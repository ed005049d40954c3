/** `npm run cluster`: three relays on one PostgreSQL and one NATS, all on this machine, and two people on different nodes. */
import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { mkdirSync, symlinkSync, lstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ChatApp } from '../test/support/chat-app.ts';
import { anna, ben, type Person } from '../test/support/people.ts';
import { startNats, startPostgres, type Engine } from './cluster/engines.ts';
import { startNode, type ClusterNode } from './cluster/node.ts';
import { ensureDisplay } from './display.ts';
import { ensureEngines } from './engine-programs.ts';
import { prepareAll } from './prepare.ts';
import { projectDir } from './project.ts';

const usage = `npm run cluster                 three relays, PostgreSQL, NATS, and two desktops on different nodes
npm run cluster -- --talk       the two say a few words across nodes, one node is killed, and all ends
npm run cluster -- --no-apps    without desktops

  --data DIR       where all of it keeps its data (default: .cache/cluster)
  --port N         the first node's port; the others follow (default: 8081, or free ones)
  --help           this text`;

const nodes = 3;
const log = (line: string): void => console.log(line);

interface Options {
  readonly data: string;
  readonly port: number;
  readonly apps: boolean;
  readonly talk: boolean;
}

async function main(options: Options): Promise<void> {
  await ensureEngines(log);
  if (options.apps) await prepareAll({ log });
  build(options.apps);
  mkdirSync(options.data, { recursive: true });
  const running: { stop(): Promise<void> }[] = [];
  const told = untilToldToStop();
  try {
    const postgres = await startPostgres(options.data, 5433);
    running.push(postgres);
    const nats = await startNats(options.data, 4223);
    running.push(nats);
    const fleet = await startFleet(options, postgres, nats, running);
    announce(options, postgres, nats, fleet);
    if (options.apps) await withApps(options, fleet, told);
    else await told;
  } finally {
    log('Stopping …');
    for (const each of running.reverse()) await each.stop();
  }
}

async function startFleet(
  { data, port }: Options,
  postgres: Engine,
  nats: Engine,
  running: { stop(): Promise<void> }[],
): Promise<ClusterNode[]> {
  const files = join(data, 'files');
  mkdirSync(files, { recursive: true, mode: 0o700 });
  const fleet: ClusterNode[] = [];
  for (let index = 0; index < nodes; index++) {
    const folder = join(data, `node-${index + 1}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    shareFiles(join(folder, 'blobs'), files);
    const node = await startNode({
      name: `node ${index + 1}`,
      folder,
      port: port + index,
      store: postgres.url,
      bus: nats.url,
    });
    running.push(node);
    fleet.push(node);
  }
  return fleet;
}

/** On one machine a folder that all nodes have does as well as an object store. */
function shareFiles(link: string, files: string): void {
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(files, link, 'dir');
}

function build(withApps: boolean): void {
  const script = withApps ? 'build' : 'build:relay';
  const built = spawnSync('npm', ['run', '--silent', script], { cwd: projectDir, stdio: 'inherit' });
  if (built.status !== 0) throw new Error('The build failed; see above.');
}

function announce({ data }: Options, postgres: Engine, nats: Engine, fleet: readonly ClusterNode[]): void {
  const shown = relative(projectDir, data);
  log(`
  PostgreSQL  ${postgres.url.replace(/:[^:@/]+@/, ':…@')}   log in ${relative(projectDir, postgres.logFile)}
  NATS        ${nats.url}   log in ${relative(projectDir, nats.logFile)}
${fleet.map(({ name, url, logFile }) => `  ${name}      ${url}   log in ${relative(projectDir, logFile)}`).join('\n')}

  Data is kept in ${shown}. To see a node die: kill -9 ${fleet[1]?.pid ?? ''} (node 2); people on it go to no other by
  themselves here, where no balancer stands before the nodes. Start the same command again to bring all back.
  To stop: close both windows, or press Ctrl+C.
`);
}

async function withApps(options: Options, fleet: readonly ClusterNode[], told: Promise<void>): Promise<void> {
  const display = await ensureDisplay({ log });
  Object.assign(process.env, display.env);
  const apps: ChatApp[] = [];
  try {
    const [first, , third] = fleet;
    apps.push(await openFor(anna, first, options), await openFor(ben, third, options));
    log('Anna is on node 1 and Ben on node 3; their passwords are those in test/support/people.ts.');
    if (options.talk) await talk(apps, fleet);
    else await Promise.race([told, Promise.all(apps.map(({ parley }) => parley.ended))]);
  } finally {
    await Promise.all(apps.map((app) => app.close().catch(() => undefined)));
    await display.stop();
  }
}

/** A person comes back to the account of an earlier run. */
async function openFor(person: Person, node: ClusterNode | undefined, { data }: Options): Promise<ChatApp> {
  const dataDir = join(data, `profile-${person.username}`);
  const app = await ChatApp.open(person, { dataDir, relaySuggestion: node?.url ?? '' });
  const welcome = app.page.getByRole('radio', { name: 'Create account' });
  const inside = app.page.getByRole('button', { name: /^Settings, logged in as/ });
  await welcome.or(inside).first().waitFor();
  if (await welcome.isVisible()) {
    await app.register().catch(() => app.logIn());
    await app.expectSignedIn();
  }
  return app;
}

async function talk([a, b]: readonly ChatApp[], fleet: readonly ClusterNode[]): Promise<void> {
  if (!a || !b) return;
  const said = `Across nodes at ${new Date().toLocaleTimeString('en')}`;
  await a.startChat(ben);
  await a.send(said);
  await b.openChat(anna.name);
  await b.expectMessage(said);
  await fleet[1]?.kill();
  await b.send(`${said}: and back`);
  await a.expectMessage(`${said}: and back`);
  await b.expectTicks(`${said}: and back`, 'Read');
  log('They talked across nodes, and went on when node 2 was killed.');
}

function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

function parseOptions(): Options | 'help' {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: '.cache/cluster' },
      port: { type: 'string', default: '8081' },
      talk: { type: 'boolean', default: false },
      'no-apps': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    data: join(projectDir, values.data),
    port: Number(values.port),
    apps: !values['no-apps'],
    talk: values.talk,
  };
}

try {
  const options = parseOptions();
  if (options === 'help') log(usage);
  else await main(options);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

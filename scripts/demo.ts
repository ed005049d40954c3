/** Plays a conversation of two people in two real windows and saves pictures of it in `build/demo/` (`npm run demo`). */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { dialogue } from '../test/support/cast.ts';
import { ChatApp } from '../test/support/chat-app.ts';
import { anna, ben } from '../test/support/people.ts';
import { spawnRelay, type SpawnedRelay } from '../test/support/start-relay.ts';
import { ensureDisplay } from './display.ts';
import { prepareAll } from './prepare.ts';
import { projectDir } from './project.ts';

const pictures = join(projectDir, 'build/demo');
const log = (line: string): void => console.log(line);

async function main(): Promise<void> {
  await prepareAll({ log });
  const built = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: projectDir,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (built.status !== 0) throw new Error('The build failed; see above.');
  await mkdir(pictures, { recursive: true });
  const display = await ensureDisplay({ log });
  Object.assign(process.env, display.env);
  const folder = await mkdtemp(join(tmpdir(), 'parley-demo-'));
  try {
    await play(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    await display.stop();
  }
}

async function play(folder: string): Promise<void> {
  const data = join(folder, 'relay');
  let relay = await spawnRelay({ dataDir: data, args: ['--name', 'Lindqvist & friends'] });
  log(`A relay answers at ${relay.address}.`);
  const a = await ChatApp.open(anna, { relaySuggestion: relay.address, dataDir: join(folder, 'anna') });
  await picture(a, '1-welcome');
  await a.register();
  const b = await ChatApp.openAndRegister(ben, relay.address, { dataDir: join(folder, 'ben') });
  log('Anna and Ben have accounts, each in a window of their own.');
  await a.startChat(ben);
  await picture(a, '2-first-words');
  await talk(a, b);
  await picture(a, '3-anna');
  await picture(b, '4-ben');
  relay = await awayAndBack(relay, data, a, b);
  await a.setTheme('dark');
  await picture(a, '7-dark');
  await a.close();
  await b.close();
  await relay.stop();
  log(`\nPictures are in ${relative(projectDir, pictures)}/. To chat yourself: npm start`);
}

/** The first message opens the conversation at Ben's; the others follow as they would. */
async function talk(a: ChatApp, b: ChatApp): Promise<void> {
  await a.send('Good morning, Ben');
  await b.openChat(anna.name);
  for (const [who, text] of dialogue) {
    await (who === 'app' ? a : b).send(text);
    await (who === 'app' ? b : a).expectMessage(text);
  }
  log(`They said ${dialogue.length + 1} things to each other.`);
}

async function awayAndBack(relay: SpawnedRelay, dataDir: string, a: ChatApp, b: ChatApp): Promise<SpawnedRelay> {
  const text = 'Typed while the relay was away.';
  await relay.kill();
  await a.send(text);
  await a.expectTicks(text, 'Waiting to be sent');
  await picture(a, '5-relay-away');
  log('The relay was killed; what Anna types waits.');
  const back = await spawnRelay({ dataDir, port: relay.port, args: ['--name', 'Lindqvist & friends'] });
  await b.expectMessage(text);
  await a.expectTicks(text, 'Read');
  await picture(a, '6-relay-back');
  log('The relay is back, and it was sent.');
  return back;
}

async function picture(app: ChatApp, name: string): Promise<void> {
  const path = join(pictures, `${name}.png`);
  await app.page.screenshot({ path, animations: 'disabled' });
  log(`  ${relative(projectDir, path)}`);
}

await main().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});

/** The command line: every command with its flags and help. What a command does is loaded when it runs. */
import { Command, CommanderError, Option } from 'commander';
import { configVariable, loadConfig } from '../config/load-config.ts';
import { readConfigFile } from '../config/read-config-file.ts';
import {
  describeDefault,
  flagOf,
  settingGroups,
  settingNames,
  settingsTable,
  type Config,
  type SettingName,
} from '../config/settings-table.ts';
import { version } from '../config/version.ts';
import { exitCodes, explainFailure } from './usage.ts';

type Flags = Record<string, unknown>;
type Env = Readonly<Record<string, string | undefined>>;

/** Runs one command line. @returns the exit code; `serve` returns when the relay has stopped. */
export async function runCommandLine(args: readonly string[], env: Env): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = createProgram(env, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    const { line, exitCode: failed } = explainFailure(error);
    process.stderr.write(`${line}\n`);
    return failed;
  }
}

function createProgram(env: Env, end: (exitCode: number) => void): Command {
  const program = new Command('parley-relay')
    .description('The relay of Parley: your own server for the Parley messenger.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'explain a command')
    .helpCommand('help [command]', 'explain a command')
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .configureHelp({ sortSubcommands: false, helpWidth: 100 })
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText('after', startHelp);
  addServe(program, env, end);
  addUser(program, env);
  addInvite(program, env);
  addDevice(program, env);
  addCare(program, env, end);
  return program;
}

function addServe(program: Command, env: Env, end: (exitCode: number) => void): void {
  const serve = program
    .command('serve')
    .description('Run the relay until it is told to stop (SIGTERM, Ctrl+C).')
    .addHelpText('after', serveHelp);
  addConfigFile(serve);
  for (const group of settingGroups) {
    for (const name of settingNames.filter((each) => settingsTable[each].group === group)) {
      const { value, help } = settingsTable[name];
      serve.addOption(
        new Option(`${flagOf(name)} <${value}>`, `${help} [${describeDefault(name)}]`).helpGroup(`${group}:`),
      );
    }
  }
  serve.action(async (flags: Flags) => {
    const config = configOf(flags, env);
    const { serve: run } = await import('./serve.ts');
    end(await run(config));
  });
}

function addUser(program: Command, env: Env): void {
  const user = program.command('user').description('Accounts: add, list, disable, enable, reset the password.');
  const password = '--password-stdin';
  const generate = '--generate-password';
  withData(
    user
      .command('add <username>')
      .description('Make an account. Asks for the password unless told where it comes from.'),
  )
    .option('--display-name <TEXT>', 'name that others see [the username]')
    .option('--email <ADDRESS>', 'e-mail address')
    .option('--phone <NUMBER>', 'phone number')
    .option(password, 'read the password from standard input')
    .option(generate, 'make up a password and print it')
    .action(async (username: string, flags: Flags) =>
      (await import('./user-commands.ts')).addUser(configOf(flags, env), username, flags),
    );
  withData(withJson(user.command('list').description('List all accounts.'))).action(async (flags: Flags) =>
    (await import('./user-commands.ts')).listUsers(configOf(flags, env), flags),
  );
  withData(user.command('disable <username>').description('Lock an account: its devices are cut off at once.')).action(
    async (username: string, flags: Flags) =>
      (await import('./user-commands.ts')).setUserDisabled(configOf(flags, env), username, true),
  );
  withData(user.command('enable <username>').description('Unlock a disabled account.')).action(
    async (username: string, flags: Flags) =>
      (await import('./user-commands.ts')).setUserDisabled(configOf(flags, env), username, false),
  );
  withData(
    user.command('reset-password <username>').description('Set a new password and log out all devices of the account.'),
  )
    .option(password, 'read the password from standard input')
    .option(generate, 'make up a password and print it')
    .action(async (username: string, flags: Flags) =>
      (await import('./user-commands.ts')).resetPassword(configOf(flags, env), username, flags),
    );
}

function addInvite(program: Command, env: Env): void {
  const invite = program.command('invite').description('Invite codes, for registration by invite.');
  withData(withJson(invite.command('create').description('Make an invite code and print it.')))
    .option('--uses <N>', 'how many people may register with it [1]')
    .option('--days <N>', 'days until it expires; 0 for never [7]')
    .action(async (flags: Flags) => (await import('./invite-commands.ts')).createInvite(configOf(flags, env), flags));
  withData(withJson(invite.command('list').description('List invites by label; codes are not kept.'))).action(
    async (flags: Flags) => (await import('./invite-commands.ts')).listInvites(configOf(flags, env), flags),
  );
  withData(invite.command('revoke <label>').description('Make an invite unusable.')).action(
    async (label: string, flags: Flags) =>
      (await import('./invite-commands.ts')).revokeInvite(configOf(flags, env), label),
  );
}

function addDevice(program: Command, env: Env): void {
  const device = program.command('device').description('Devices on which people are logged in.');
  withData(withJson(device.command('list <username>').description("List a user's devices."))).action(
    async (username: string, flags: Flags) =>
      (await import('./device-commands.ts')).listDevices(configOf(flags, env), username, flags),
  );
  withData(device.command('revoke <device>').description('Log a device out at once, by its id.')).action(
    async (id: string, flags: Flags) => (await import('./device-commands.ts')).revokeDevice(configOf(flags, env), id),
  );
}

function addCare(program: Command, env: Env, end: (exitCode: number) => void): void {
  withData(
    program.command('backup <file>').description('Copy the database to a new file; the relay may be running.'),
  ).action(async (file: string, flags: Flags) =>
    (await import('./backup-command.ts')).backUp(configOf(flags, env), file),
  );
  const verify = withData(
    program.command('verify').description('Prove all data: database, messages, chains, index and files.'),
  );
  for (const name of ['blobs', 's3AccessKey'] as const) addSetting(verify, name);
  verify
    .option('--content', 'read every byte of the files too')
    .addHelpText('after', verifyHelp)
    .action(async (flags: Flags) =>
      end(await (await import('./verify/verify.ts')).runVerify(configOf(flags, env), flags)),
    );
  const migrate = withData(
    program.command('migrate').description('Copy all data to another database, and prove that both hold the same.'),
  )
    .requiredOption('--from <DIR|URL>', "a relay's data folder, or postgres://…")
    .requiredOption('--to <URL|DIR>', 'an empty database, or an empty folder');
  for (const name of ['blobs', 's3AccessKey'] as const) addSetting(migrate, name);
  migrate
    .addHelpText('after', migrateHelp)
    .action(async (flags: Flags) =>
      end(await (await import('./migrate/run-migrate.ts')).runMigrate(configOf(flags, env), placesOf(flags))),
    );
  const doctor = withData(program.command('doctor').description('Check everything a relay needs, and say what to do.'));
  const served = [
    'host',
    'port',
    'tlsCert',
    'tlsKey',
    'storePool',
    'natsCreds',
    'natsCa',
    'blobs',
    's3AccessKey',
    'cold',
  ] as const;
  for (const name of served) addSetting(doctor, name);
  doctor.action(async (flags: Flags) =>
    end(await (await import('./doctor/doctor.ts')).runDoctor(configOf(flags, env))),
  );
}

function withData(command: Command): Command {
  addConfigFile(command).option(`${flagOf('data')} <DIR>`, `the relay's data folder [${describeDefault('data')}]`);
  for (const name of ['store', 'bus'] as const) addSetting(command, name);
  return command;
}

function addSetting(command: Command, name: SettingName): void {
  command.option(`${flagOf(name)} <${settingsTable[name].value}>`, `as for serve [${describeDefault(name)}]`);
}

function placesOf({ from, to }: Flags): { from: string; to: string } {
  return { from: String(from), to: String(to) };
}

function withJson(command: Command): Command {
  return command.option('--json', 'print JSON');
}

function addConfigFile(command: Command): Command {
  return command.option('--config <FILE>', 'read settings from a JSON file, such as { "port": 8080 }');
}

function configOf(flags: Flags, env: Env): Config {
  const path = flags['config'] ?? env[configVariable];
  const file = typeof path === 'string' ? readConfigFile(path) : null;
  return loadConfig({ flags, env, file });
}

/** Commander puts its suggestion on a second line. */
function oneLine(text: string): string {
  return `${text
    .trim()
    .replace(/^error: /, 'parley-relay: ')
    .replace(/\n\(Did you mean (.*)\?\)/, ' Did you mean $1?')}\n`;
}

const startHelp = `
Begin:
  parley-relay serve                        run a relay on port 8080; its data in ./parley-data
  parley-relay invite create                make a code with which somebody can register
  parley-relay serve --help                 all settings

Commands that work on a relay's data reach the relay while it runs, and its files when it does not.
Pass them the same --data (or PARLEY_DATA) as serve; for a fleet, the same --store and --bus.`;

const verifyHelp = `
It only reads, and the relay may be running. A line each with ok, warn or fail and what to do; exit code 1 if
anything differs from what it should be.`;

const migrateHelp = `
Copies accounts, devices with their sessions, invites, conversations, messages, cursors, chains and who holds which
file; with --blobs the bytes of files as well, between the folder and the object store. A relay on --from may run
meanwhile if it is read-only (serve --read-only on). What a crash leaves is gone on with by the same command.

Examples:
  parley-relay migrate --from /var/lib/parley --to postgres://parley@db.example.org/parley --blobs s3://parley
  parley-relay migrate --from postgres://parley@db.example.org/parley --to /var/lib/parley-back`;

const serveHelp = `
Every setting is a flag, an environment variable (--heartbeat-ms is PARLEY_HEARTBEAT_MS) or a name in the
file of --config ("heartbeatMs"); flags win over the environment, the environment over the file.

Examples:
  parley-relay serve --data /var/lib/parley --name "Our house"
  parley-relay serve --host 127.0.0.1 --trusted-proxy loopback     behind nginx or Caddy on this machine
  parley-relay serve --port 443 --tls-cert chain.pem --tls-key key.pem
  parley-relay serve --registration open                           anybody who reaches it may register
  parley-relay serve --store postgres://… --bus nats://… --blobs s3://…           one node of a fleet`;

#!/usr/bin/env node
/** The relay's entry: looks whether this Node can run it, then does what the command line says. */
import { nodeFault } from './cli/node-version.ts';

const fault = nodeFault();
if (fault !== null) {
  process.stderr.write(`parley-relay: ${fault}\n`);
  process.exit(1);
}

// `parley-relay user list | head` closes the pipe early: that is no fault.
process.stdout.on('error', () => process.exit(0));

const { runCommandLine } = await import('./cli/program.ts');
process.exitCode = await runCommandLine(process.argv.slice(2), process.env);

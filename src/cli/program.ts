import yargs, { type Argv } from 'yargs';
import { CairnError } from '../errors.ts';
import { agentCommands } from './agent.ts';
import { artifactCommands } from './artifact.ts';
import type { Command, Globals, Run } from './command.ts';
import { configCommand } from './config.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { initCommand } from './init.ts';
import { memoryCommands } from './memory.ts';
import { messageCommands } from './message.ts';
import { overviewCommands } from './overview.ts';
import { runCommand } from './run-task.ts';
import { serviceCommands } from './service.ts';
import { sessionCommands } from './session.ts';
import { shortCommands, taskCommands } from './task.ts';

/** Commands that stand in a group: `cairn session list`. */
export interface Group {
  readonly name: string;
  readonly describe: string;
  readonly commands: readonly Command[];
}

export const groups: readonly Group[] = [
  { name: 'session', describe: 'Mirror sessions of coding agents and read them back', commands: sessionCommands },
  { name: 'service', describe: 'Keep the live mirror of this host running', commands: serviceCommands },
  { name: 'task', describe: 'Share tasks with other agents', commands: taskCommands },
  { name: 'memory', describe: 'Share values with other agents', commands: memoryCommands },
  { name: 'artifact', describe: 'Share files and folders with other agents', commands: artifactCommands },
  { name: 'agent', describe: 'Be known to other agents, and know them', commands: agentCommands },
];

export const commands: readonly Command[] = [
  ...messageCommands,
  ...shortCommands,
  runCommand,
  ...overviewCommands,
  initCommand,
  doctorCommand,
  configCommand,
  demoCommand,
];

/** yargs' own sentences, in the form of every other error. */
const sentences = {
  'Unknown argument: %s': {
    one: 'expected known options and arguments, got %s',
    other: 'expected known options and arguments, got %s',
  },
  'Unknown command: %s': { one: 'expected a command, got %s', other: 'expected a command, got %s' },
  'Missing required argument: %s': {
    one: 'expected the option %s, got none',
    other: 'expected the options %s, got none',
  },
  'Not enough non-option arguments: got %s, need at least %s': {
    one: 'expected at least %2$s argument, got %s',
    other: 'expected at least %2$s arguments, got %s',
  },
  'Not enough arguments following: %s': {
    one: 'expected a value for %s, got none',
    other: 'expected a value for %s, got none',
  },
  'Invalid values:': 'expected a value that is known:',
  'Argument: %s, Given: %s, Choices: %s': '--%s is %s, known are %s',
  'Did you mean %s?': 'expected a known command, did you mean %s?',
};

/** The whole command line; `run` is called for the command that was chosen. */
export function buildProgram(args: readonly string[], run: Run): Argv<Globals> {
  const program: Argv<Globals> = yargs([...args])
    .scriptName('cairn')
    .usage('$0 <command> [options]\n\nMirrors the sessions of coding agents into a bucket you own.')
    .locale('en')
    // The types know no plural forms; the library does.
    .updateStrings(sentences as unknown as Record<string, string>)
    .option('bucket', {
      type: 'string',
      describe: 'Where sessions are kept: s3://bucket/prefix?endpoint=… or file:///folder',
      global: true,
    })
    .option('project', { type: 'string', describe: 'Project in the bucket', global: true })
    .option('agent', { type: 'string', describe: 'Name under which this agent acts', global: true })
    .option('json', {
      type: 'boolean',
      describe: 'Data and errors as JSON, one object a line; --no-json: tables also where output is no terminal',
      global: true,
    })
    .option('quiet', { alias: 'q', type: 'boolean', describe: 'No notes and no progress', global: true })
    .group(['bucket', 'project', 'agent', 'json', 'quiet', 'help', 'version'], 'Global options:')
    .help()
    .alias('help', 'h')
    .version(false)
    .option('version', { type: 'boolean', describe: 'Print the version' })
    .strict()
    .recommendCommands()
    .showHelpOnFail(false)
    .exitProcess(false)
    .parserConfiguration({ 'duplicate-arguments-array': true, 'boolean-negation': true, 'strip-aliased': true })
    .wrap(100)
    .fail((message: string | null, error: Error | undefined) => {
      throw error instanceof CairnError || (error && !message) ? error : usageError(message ?? String(error), args);
    })
    .demandCommand(1, 1, 'expected a command, got none');
  for (const group of groups) {
    program.command(group.name, group.describe, (inner: Argv<Globals>) => {
      for (const command of group.commands) command.add(inner, run);
      return inner
        .usage(`$0 ${group.name} <command> [options]`)
        .demandCommand(1, 1, `expected a command of ${group.name}, got none`);
    });
  }
  for (const command of commands) command.add(program, run);
  return program;
}

function usageError(message: string, args: readonly string[]): CairnError {
  const names = args
    .filter((arg) => /^[a-z]+$/.test(arg))
    .slice(0, groups.some(({ name }) => name === args[0]) ? 2 : 1);
  return new CairnError('usage', message.replace(/\s*\n\s*/g, ' ').trim(), {
    hint: `see \`cairn ${[...names, '--help'].join(' ')}\``,
  });
}

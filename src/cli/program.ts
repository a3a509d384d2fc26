import yargs, { type Argv } from 'yargs';
import { CairnError } from '../errors.ts';
import type { Command, Globals, Run } from './command.ts';
import { showDash } from './dash.ts';

/** Commands that stand in a group: `cairn session list`. Only those of the group that is asked for are loaded. */
export interface Group {
  readonly name: string;
  readonly describe: string;
  /** Those that a command line may name, at least; without one, all. */
  load(args?: readonly string[]): Promise<readonly Command[]>;
}

export const groups: readonly Group[] = [
  {
    name: 'session',
    describe: 'Mirror sessions of coding agents and read them back',
    load: async (args) => (await import('./session.ts')).loadSessionCommands(args),
  },
  {
    name: 'service',
    describe: 'Keep the live mirror of this host running',
    load: async () => (await import('./service.ts')).serviceCommands,
  },
  {
    name: 'catalog',
    describe: 'Keep the lists of sessions right',
    load: async () => (await import('./catalog.ts')).catalogCommands,
  },
  {
    name: 'member',
    describe: 'Say who can read an encrypted project',
    load: async () => (await import('./member.ts')).memberCommands,
  },
  {
    name: 'redact',
    describe: 'Take secrets out of text, and see what is taken out',
    load: async () => (await import('./redact.ts')).redactCommands,
  },
  {
    name: 'task',
    describe: 'Share tasks with other agents',
    load: async () => (await import('./task.ts')).taskCommands,
  },
  {
    name: 'memory',
    describe: 'Share values with other agents',
    load: async () => (await import('./memory.ts')).memoryCommands,
  },
  {
    name: 'artifact',
    describe: 'Share files and folders with other agents',
    load: async () => (await import('./artifact.ts')).artifactCommands,
  },
  {
    name: 'agent',
    describe: 'Be known to other agents, and know them',
    load: async () => (await import('./agent.ts')).agentCommands,
  },
];

/** Commands that stand in no group. */
async function loadSingle(): Promise<readonly Command[]> {
  return (await import('./single.ts')).single;
}

/** Names of every group and command: `['session']`, `['session', 'list']`. */
export async function commandPaths(): Promise<string[][]> {
  const grouped = groups.map(async ({ name, load }) => [[name], ...(await load()).map((inner) => [name, inner.name])]);
  return [...(await Promise.all(grouped)).flat(), ...(await loadSingle()).map(({ name }) => [name])];
}

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
    one: 'got %s argument, expected at least %s',
    other: 'got %s arguments, expected at least %s',
  },
  'Not enough arguments following: %s': {
    one: 'expected a value for %s, got none',
    other: 'expected a value for %s, got none',
  },
  'Invalid values:': 'expected a value that is known:',
  'Argument: %s, Given: %s, Choices: %s': '--%s is %s, known are %s',
  'Did you mean %s?': 'expected a known command, did you mean %s?',
};

/** The command line, as far as `args` need it; `run` is called for the command that was chosen. */
export async function buildProgram(args: readonly string[], run: Run): Promise<Argv<Globals>> {
  const isSilent = !args.some((arg) => arg === '--help' || /^-[a-z]*h/.test(arg));
  const name = firstWord(args);
  const chosen = groups.find((group) => group.name === name);
  const program: Argv<Globals> = yargs([...args])
    .scriptName('cairn')
    .usage(
      '$0 <command> [options]\n\nMirrors the sessions of coding agents into a bucket you own, where agents also work together.',
    )
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
    const inner = group === chosen ? await group.load(args) : [];
    program.command(group.name, group.describe, (argv: Argv<Globals>) => {
      for (const command of inner) command.add(argv, run, isSilent);
      return argv
        .usage(`$0 ${group.name} <command> [options]`)
        .demandCommand(1, 1, `expected a command of ${group.name}, got none`);
    });
  }
  if (!chosen) for (const command of await loadSingle()) command.add(program, run, isSilent);
  return program;
}

/** The first argument that is neither an option nor the value of one that may stand before a command. */
function firstWord(args: readonly string[]): string | undefined {
  return args.find((arg, i) => !arg.startsWith('-') && !/^--(bucket|project|agent)$/.test(args[i - 1] ?? ''));
}

function usageError(message: string, args: readonly string[]): CairnError {
  const names = args
    .filter((arg) => /^[a-z]+$/.test(arg))
    .slice(0, groups.some(({ name }) => name === args[0]) ? 2 : 1);
  return new CairnError(
    'usage',
    showDash(message)
      .replace(/\s*\n\s*/g, ' ')
      .trim(),
    {
      hint: `see \`cairn ${[...names, '--help'].join(' ')}\``,
    },
  );
}

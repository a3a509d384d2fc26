import type { MemoryValue } from '../coordination/memory.ts';
import { CairnError } from '../errors.ts';
import { type Command, type Context, defineCommand } from './command.ts';
import { checkName, firstOf, idemOption, iso, limitOption, openShared, readText } from './coordinate.ts';
import { formatAge, visibleLines } from './text.ts';

const getCommand = defineCommand({
  usage: 'get <key>',
  describe: 'Show a shared value and its version',
  examples: [['cairn memory get plan/api', 'text as it is, anything else as JSON']],
  options: (yargs) => yargs.positional('key', { type: 'string', demandOption: true, describe: 'Its name' }),
  async run(args, context) {
    const { output } = context;
    const key = checkName('a value', args.key);
    const found = await (await openShared(context)).memory.get(key);
    if (found === undefined)
      throw new CairnError('not-found', `expected a value of ${key}, there is none`, {
        hint: '`cairn memory list` shows what is there',
      });
    if (output.json) await output.object(valueObject(found));
    else {
      await output.line(visibleLines(text(found.value)));
      output.note(`version ${found.version}, by ${found.by.agent}`);
    }
    return undefined;
  },
});

const setCommand = defineCommand({
  usage: 'set <key> <value>',
  describe: 'Set a shared value',
  examples: [
    ['cairn memory set plan/api "use cursors"', 'the last writer wins, and is told what it replaced'],
    [
      'cairn memory set limits \'{"rps":20}\' --type json --if-version 3.k2f6wnq4',
      'exit code 7, with the current value, if it changed',
    ],
  ],
  options: (yargs) =>
    idemOption(yargs)
      .positional('key', { type: 'string', demandOption: true, describe: 'Its name; segments are parted by /' })
      .positional('value', { type: 'string', demandOption: true, describe: 'The value; - reads standard input' })
      .option('type', { choices: ['text', 'json'] as const, default: 'text' as const, describe: 'What the value is' })
      .option('if-version', { type: 'string', describe: 'Only over this version' })
      .option('if-absent', { type: 'boolean', describe: 'Only where there is none' }),
  async run(args, context) {
    const given = await readText(context, args.value);
    const value = args.type === 'json' ? parseJson(given) : given;
    const project = await openShared(context);
    const { ifVersion, ifAbsent, idem } = args;
    const done = await project.memory.set(checkName('a value', args.key), value, { ifVersion, ifAbsent, idem });
    return tell(context, done);
  },
});

const deleteCommand = defineCommand({
  usage: 'delete <key>',
  describe: 'Delete a shared value; its history stays',
  examples: [['cairn memory delete plan/api', '`cairn memory history` shows what it was']],
  options: (yargs) =>
    idemOption(yargs)
      .positional('key', { type: 'string', demandOption: true, describe: 'Its name' })
      .option('if-version', { type: 'string', describe: 'Only this version' }),
  async run(args, context) {
    const project = await openShared(context);
    const { ifVersion, idem } = args;
    return tell(context, await project.memory.delete(checkName('a value', args.key), { ifVersion, idem }));
  },
});

const listCommand = defineCommand({
  usage: 'list [prefix]',
  describe: 'List shared values, all or those below a prefix',
  examples: [['cairn memory list plan', 'plan and plan/…, but not planning']],
  options: (yargs) => limitOption(yargs).positional('prefix', { type: 'string', describe: 'Whole segments' }),
  async run(args, context) {
    const { output } = context;
    const project = await openShared(context);
    const values = firstOf(await project.memory.list(args.prefix), args.limit, output);
    const now = (await context.app()).runtime.now();
    if (output.json) for (const value of values) await output.object(valueObject(value));
    else if (values.length > 0) {
      await output.table(values, [
        { title: 'KEY', cell: (value) => value.name },
        { title: 'VERSION', cell: (value) => value.version },
        { title: 'AGE', cell: (value) => formatAge(now - value.at), align: 'right' },
        { title: 'BY', cell: (value) => value.by.agent },
        { title: 'VALUE', cell: (value) => text(value.value), flexible: true },
      ]);
    } else output.note('no values here');
    return undefined;
  },
});

const historyCommand = defineCommand({
  usage: 'history <key>',
  describe: 'Show the versions of a shared value, the newest first',
  examples: [['cairn memory history plan/api', 'who set what when']],
  options: (yargs) =>
    yargs
      .positional('key', { type: 'string', demandOption: true, describe: 'Its name' })
      .option('limit', { type: 'number', alias: 'n', default: 100, describe: 'At most so many' }),
  async run(args, context) {
    const { output } = context;
    const versions = await (await openShared(context)).memory.history(checkName('a value', args.key), args.limit);
    if (output.json) for (const version of versions) await output.object(valueObject(version));
    else {
      await output.table(versions, [
        { title: 'VERSION', cell: (version) => version.version },
        { title: 'AT', cell: (version) => iso(version.at) },
        { title: 'BY', cell: (version) => version.by.agent },
        { title: 'VALUE', cell: (version) => (version.deleted ? '(deleted)' : text(version.value)), flexible: true },
      ]);
    }
    return undefined;
  },
});

function valueObject({ name, value, version, by, at, deleted }: MemoryValue) {
  return { key: name, value: deleted ? null : value, version, by, at: iso(at), deleted };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parseJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch (cause) {
    throw new CairnError('usage', 'expected a value in JSON, got something else', {
      hint: 'without --type json it is text',
      cause,
    });
  }
}

async function tell(
  { output }: Context,
  { version, previous }: { readonly version: string; readonly previous: string | undefined },
) {
  if (output.json) await output.object({ version, previous });
  else await output.line(previous === undefined ? `version ${version}` : `version ${version}, in place of ${previous}`);
  return undefined;
}

/** `cairn memory …` */
export const memoryCommands: readonly Command[] = [getCommand, setCommand, listCommand, historyCommand, deleteCommand];

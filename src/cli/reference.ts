import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ExitCode } from '../errors.ts';
import { sectioned } from './help.ts';
import { buildProgram, commandPaths } from './program.ts';

const meanings: Readonly<Record<keyof typeof ExitCode, string>> = {
  ok: 'done, also when it was done before',
  failed: 'things differ, or a part of the work failed (said at the end), or an internal error',
  usage: 'the command line or a setting is wrong, or an id is ambiguous',
  held: 'another process holds it, or the claim was lost',
  terminal: 'the task has ended already',
  superseded: 'the name is in use, the session was lost, or the delivery was superseded',
  blocked: 'blocked by a dependency, or the name exists',
  version: 'another version than the expected one',
  notFound: 'not found',
  nothingToDo: 'nothing to do',
  transient: 'the outcome is unknown, or the store or disk is in trouble: run the same command again',
  denied: 'credentials are missing, wrong or expired, or a file may not be read or written',
  unfit: 'the store or the format cannot do what is asked',
  timeout: 'waited long enough',
  runFailed: '`run`: Cairn failed; otherwise the command’s own exit code is passed on, 128+n for signal n',
  cannotExecute: '`run`: the command cannot be executed',
  commandNotFound: '`run`: the command was not found',
};

const environment = [
  ['CAIRN_BUCKET', 'as `--bucket`'],
  ['CAIRN_PROJECT', 'as `--project`'],
  ['CAIRN_AGENT', 'as `--agent`'],
  ['CAIRN_USER', "the person whose sessions these are; default the name in git's configuration"],
  [
    'CAIRN_IDENTITY',
    'file with the age identity that opens encrypted projects, or the identity itself; default `$XDG_CONFIG_HOME/cairn/identity`',
  ],
  ['CAIRN_STATE', "folder of this host's state; default `$XDG_STATE_HOME/cairn/<host>`"],
  ['CAIRN_PROCESS', 'acts as this process, which another command keeps alive: `cairn run` sets it'],
  ['CAIRN_TASK', 'the task that `cairn run` holds for this command'],
  ['CAIRN_EPOCH', 'the epoch in which it holds it: the fencing token'],
  ['CAIRN_SESSION', '`harness/session`: the transcript in which this happens; stands in everything that is written'],
  [
    'CAIRN_TTL',
    'seconds without a heartbeat after which others may take what `cairn run` and programs hold; default 90',
  ],
  ['CAIRN_GC_VERIFY', '`always`: no clock takes part in any decision about collected slots; one LIST more a write'],
  ['CAIRN_DEBUG', '`1`: errors with their stack'],
  [
    'CAIRN_MIRROR',
    '`off`: no session leaves this host, and nothing is written anywhere; `on`: whatever `[mirror]` in a file says',
  ],
  ['XDG_CONFIG_HOME', 'holds `cairn/config.toml` and `cairn/key`; default `~/.config`'],
  ['XDG_DATA_HOME', 'holds `cairn/bucket`, the bucket that is used where none is set; default `~/.local/share`'],
  ['XDG_STATE_HOME', 'default `~/.local/state`'],
  ['AWS_…', "credentials, profile and region, as all of AWS's tools read them"],
  ['NO_COLOR', 'no colour'],
] as const;

/** `docs/cli.md`: made from the program, and checked to be. */
export async function makeReference(): Promise<string> {
  const paths = [[], ...(await commandPaths())];
  const sections = await Promise.all(
    paths.map(async (path) => `## ${['cairn', ...path].join(' ')}\n\n\`\`\`\n${await helpOf(path)}\n\`\`\`\n`),
  );
  return [
    '# The command line\n',
    'Made by `npm run docs` from the program itself; do not edit.\n',
    'A command writes data to standard output and everything else to standard error. Data is a table or text on a terminal, and JSON, one object a line, where output goes elsewhere or with `--json`; its shapes are in [json.md](json.md). An error is one line and a hint; with `--json` it is one object.\n',
    '## Exit codes\n',
    '| Exit | Meaning |\n|---|---|',
    ...Object.entries(ExitCode).map(([name, code]) => `| ${code} | ${meanings[name as keyof typeof ExitCode]} |`),
    '| 130, 143 | stopped by Ctrl-C or SIGTERM; run the same command again |\n',
    '## Environment\n',
    '| Variable | Meaning |\n|---|---|',
    ...environment.map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    '',
    'An option beats the environment, which beats the nearest `.cairn.toml` from the current folder upwards, which beats `config.toml`, which beats the default. `cairn config` shows what holds and why.\n',
    ...sections,
  ].join('\n');
}

async function helpOf(path: readonly string[]): Promise<string> {
  const args = [...path, '--help'];
  let help = '';
  const program = await buildProgram(args, async () => {});
  await program.parseAsync(args, {}, (_error, _args, text) => {
    help = text;
  });
  return sectioned(help).trimEnd();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync('docs/cli.md', await makeReference());
}

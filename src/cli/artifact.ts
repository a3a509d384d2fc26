import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactView } from '../coordination/artifacts.ts';
import { type Command, defineCommand } from './command.ts';
import { checkName, firstOf, idemOption, iso, limitOption, openShared } from './coordinate.ts';
import { count, formatAge, formatBytes, visible } from './text.ts';

const putCommand = defineCommand({
  usage: 'put <name> <path>',
  describe: 'Store a file or folder under a name, as its next version',
  examples: [
    ['cairn artifact put report ./report.html', 'text is redacted'],
    ['cairn artifact put site ./dist --task build --epoch 3', 'noted at a task that one holds'],
  ],
  options: (yargs) =>
    idemOption(yargs)
      .positional('name', { type: 'string', demandOption: true, describe: 'Its name' })
      .positional('path', { type: 'string', demandOption: true, describe: 'A file or folder; up to 5 GiB a file' })
      .option('task', { type: 'string', describe: 'A task it belongs to' })
      .option('epoch', { type: 'number', describe: 'The claim of that task' })
      .option('media', { type: 'string', describe: 'Its media type' }),
  async run(args, context) {
    const { output } = context;
    const project = await openShared(context);
    const { task, epoch, media, idem } = args;
    const { skipped, ...done } = await project.artifacts.put(checkName('an artifact', args.name), args.path, {
      task,
      epoch,
      media,
      idem,
    });
    for (const path of skipped) output.note(`left out, neither file nor folder: ${path}`);
    if (output.json) await output.object({ ...artifactObject(done), skipped });
    else
      await output.line(
        visible(`${done.name} version ${done.version}: ${count(done.files, 'file')}, ${formatBytes(done.bytes)}`),
      );
    return undefined;
  },
});

const getCommand = defineCommand({
  usage: 'get <name> [target]',
  describe: 'Write an artifact to a file or folder: whole and checked, or not at all',
  examples: [
    ['cairn artifact get report', 'to its own name, here'],
    ['cairn artifact get site ./site --version 2', 'an older version'],
  ],
  options: (yargs) =>
    yargs
      .positional('name', { type: 'string', demandOption: true, describe: 'Its name' })
      .positional('target', { type: 'string', describe: 'Where to, or a folder to put it in; default the name' })
      .option('version', { type: 'number', describe: 'Default the newest' })
      .option('force', { type: 'boolean', describe: 'Write over what is there' }),
  async run(args, context) {
    const { output } = context;
    const name = checkName('an artifact', args.name);
    const target = await targetOf(name, args.target);
    const { version, force } = args;
    const got = await (await openShared(context)).artifacts.get(name, target, { version, force });
    if (output.json) await output.object({ ...artifactObject(got), target });
    else
      await output.line(
        visible(`${target}: ${count(got.files, 'file')}, ${formatBytes(got.bytes)}, version ${got.version}`),
      );
    return undefined;
  },
});

const listCommand = defineCommand({
  usage: 'list',
  describe: 'List artifacts, or the versions of one',
  examples: [
    ['cairn artifact list', 'the newest version of each'],
    ['cairn artifact list --history report', 'every version of one'],
  ],
  options: (yargs) => limitOption(yargs).option('history', { type: 'string', describe: 'Every version of this one' }),
  async run(args, context) {
    const { output } = context;
    const { artifacts } = await openShared(context);
    const all =
      args.history === undefined
        ? await artifacts.list()
        : await artifacts.history(checkName('an artifact', args.history));
    const found = firstOf(all, args.limit, output);
    const now = (await context.app()).runtime.now();
    if (output.json) for (const artifact of found) await output.object(artifactObject(artifact));
    else if (found.length > 0) {
      await output.table(found, [
        { title: 'ARTIFACT', cell: (artifact) => artifact.name, flexible: true },
        { title: 'VERSION', cell: (artifact) => String(artifact.version), align: 'right' },
        { title: 'SIZE', cell: (artifact) => formatBytes(artifact.bytes), align: 'right' },
        { title: 'FILES', cell: (artifact) => String(artifact.files), align: 'right', optional: true },
        { title: 'AGE', cell: (artifact) => formatAge(now - artifact.at), align: 'right' },
        { title: 'BY', cell: (artifact) => artifact.by.agent },
        { title: 'TASK', cell: (artifact) => artifact.task ?? '', optional: true },
      ]);
    } else output.note('no artifacts here');
    return undefined;
  },
});

function artifactObject({ at, ...artifact }: ArtifactView) {
  return { ...artifact, at: iso(at) };
}

/** Where an artifact goes: what is a folder already takes it in. */
async function targetOf(name: string, given: string | undefined): Promise<string> {
  if (given === undefined) return fileName(name);
  const found = await lstat(given).catch(() => undefined);
  return found?.isDirectory() ? join(given, fileName(name)) : given;
}

/** A name as one file in the current folder. */
function fileName(name: string): string {
  return name.replaceAll(/[/\\]/g, '-').replace(/^\.+/, '') || 'artifact';
}

/** `cairn artifact …` */
export const artifactCommands: readonly Command[] = [putCommand, getCommand, listCommand];

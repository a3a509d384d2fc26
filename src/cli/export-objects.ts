import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { CatalogLine } from '../mirror/meta.ts';
import type { Context } from './command.ts';
import { copyInto, foldersOf, openOther } from './copied-sessions.ts';
import { isUrl, openSink, urlOf } from './export-sink.ts';
import { count, formatBytes } from './text.ts';

interface ExportChoices {
  readonly output?: string | undefined;
  readonly to?: string | undefined;
  readonly toProject?: string | undefined;
  readonly singleWriter: boolean;
}

/** Copies sessions, or without any the whole project, into another bucket or one file. */
export async function exportObjects(
  app: App,
  sources: AsyncIterable<{ readonly line: CatalogLine }> | undefined,
  { to, toProject, output: file, singleWriter }: ExportChoices,
  { output, signal }: Pick<Context, 'output' | 'signal'>,
): Promise<undefined> {
  const { projectObjects } = await import('../export/copied-object.ts');
  const { readWholeCatalog } = await import('../sessions/catalog.ts');
  const chosen: CatalogLine[] = [];
  for await (const { line } of sources ?? []) chosen.push(line);
  if (sources && chosen.length === 0) {
    output.note('no session matches');
    return undefined;
  }
  const known = sources && (await readWholeCatalog(app.store, app.project, { signal })).lines;
  const folders = known && (await foldersOf(app, chosen, known));
  const objects = projectObjects(app.bucket, app.project, folders, { signal });
  if (to !== undefined) {
    const other = await openOther(app, urlOf(to), toProject);
    try {
      return await copyInto(other, objects, { output, reopens: true, singleWriter, signal });
    } finally {
      await other.close();
    }
  }
  if (file === undefined && output.stdout.isTTY) {
    throw new CairnError('usage', 'expected -o with a file, or --to with a bucket, got a terminal');
  }
  const { writeArchive } = await import('../export/archive.ts');
  const sink = await openSink(output, file);
  try {
    for await (const bytes of writeArchive(objects)) await sink.write(bytes);
  } finally {
    await sink.close();
  }
  if (file !== undefined)
    output.note(`${count(folders?.length ?? 0, 'session')}, ${formatBytes(sink.bytes())} in ${file}`);
  return undefined;
}

interface ImportChoices {
  readonly fromProject?: string | undefined;
  readonly singleWriter: boolean;
  readonly dryRun?: boolean | undefined;
}

/** Takes in an archive or the project of another bucket. @returns false for what is neither */
export async function importObjects(
  app: App,
  name: string,
  { fromProject, singleWriter, dryRun }: ImportChoices,
  { output, signal }: Pick<Context, 'output' | 'signal'>,
): Promise<boolean> {
  const isBucket = isUrl(name) || (await isFolder(name));
  if (!isBucket && (name === '-' || !(await isArchive(name)))) return false;
  if (dryRun) throw new CairnError('usage', 'expected --dry-run with files of events alone, got a copy of objects');
  const choices = { output, reopens: isBucket, singleWriter, signal };
  if (!isBucket) {
    const { readArchive } = await import('../export/archive.ts');
    await copyInto(app, readArchive(createReadStream(name), name), choices);
    return true;
  }
  const { projectObjects } = await import('../export/copied-object.ts');
  const { checkFormat } = await import('../store/format.ts');
  const other = await openOther(app, urlOf(name), fromProject);
  try {
    if ((await checkFormat(other.bucket, other.project, { signal })) === 'absent') {
      throw new CairnError('not-found', `expected a project ${other.project} in ${other.bucket.url}, found none`, {
        hint: '--from-project names another one',
      });
    }
    await copyInto(app, projectObjects(other.bucket, other.project, undefined, { signal }), choices);
  } finally {
    await other.close();
  }
  return true;
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** A tar file says so behind its first name. */
export async function isArchive(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(5), 0, 5, 257);
    return bytesRead === 5 && buffer.toString('latin1') === 'ustar';
  } finally {
    await file.close();
  }
}

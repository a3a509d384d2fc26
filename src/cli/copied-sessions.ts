import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { CopiedObject } from '../export/copied-object.ts';
import type { CatalogLine } from '../mirror/meta.ts';
import type { Output } from './output.ts';
import { count, formatBytes, visible } from './text.ts';

/** Another bucket, or the same project name in a folder. @throws CairnError `config` */
export async function openOther(app: App, url: string, project: string | undefined): Promise<App> {
  const { openApp } = await import('../app.ts');
  return openApp({ bucket: url, project: project ?? app.project }, app.host);
}

/**
 * Takes objects into a project, proves them on the way, and lists the sessions that are new there.
 * @throws CairnError `differs` where something else stands in their place or they are no objects of a project
 */
export async function copyInto(
  to: App,
  objects: AsyncIterable<CopiedObject>,
  { output, reopens, singleWriter, signal }: CopyChoices,
): Promise<undefined> {
  const { copyObjects } = await import('../export/copy.ts');
  const { checkFit } = await import('../mirror/writable-store.ts');
  const { sessionId } = await import('../sessions/lineage.ts');
  await checkFit(to.bucket, to.project, singleWriter);
  const totals = { sessions: 0, objects: 0, bytes: 0, same: 0, conflicts: 0, refused: 0 };
  const lines: CatalogLine[] = [];
  let listed: ReadonlyMap<string, string> | undefined;
  for await (const group of copyObjects(objects, { store: to.bucket, project: to.project, reopens, signal })) {
    const { path, session, conflicts, refused, ...done } = group;
    totals.objects += done.objects;
    totals.bytes += done.bytes;
    totals.same += done.same;
    totals.conflicts += conflicts.length;
    totals.refused += refused.length;
    for (const other of conflicts) output.note(`${other}: something else stands there, and was left`);
    for (const odd of refused) output.note(`${odd}: no project has this, it was left out`);
    if (path.startsWith('sessions/')) totals.sessions++;
    // What an earlier copy has brought that was cut short is not listed yet.
    const line = session && (await lineOf(to, session, signal));
    // Not before the first session: until the project's format is there nothing says whether it is encrypted.
    if (line) listed ??= await listedIn(to, signal);
    const known = line && listed?.get(sessionId(line));
    const isNew = line !== undefined && (done.objects > 0 || known === undefined || known < line.updatedAt);
    if (isNew) lines.push(line);
    if (done.objects === 0 && conflicts.length === 0 && !isNew) continue;
    if (output.json) await output.object({ event: 'copied', path, ...session, ...done, conflicts: conflicts.length });
    else await output.line(visible(`${path}: ${count(done.objects, 'object')}, ${formatBytes(done.bytes)}`));
  }
  await list(to, lines);
  if (output.json) await output.object({ event: 'done', to: to.bucket.url, ...totals });
  else
    await output.line(
      `${count(totals.sessions, 'session')}: ${count(totals.objects, 'object')} copied, ${formatBytes(totals.bytes)}; ${totals.same} there already`,
    );
  if (totals.conflicts + totals.refused === 0) return undefined;
  throw new CairnError('differs', `expected to copy everything, but left out ${totals.conflicts + totals.refused}`, {
    hint: 'where something else stands, the session went on differently there: both are kept, each in its bucket',
  });
}

export interface CopyChoices {
  readonly output: Output;
  readonly reopens: boolean;
  readonly singleWriter: boolean;
  readonly signal: AbortSignal;
}

/** What is copied of chosen sessions: theirs, and what they need or started, of all ranks. */
export async function foldersOf(
  app: App,
  chosen: readonly Pick<CatalogLine, 'harness' | 'session'>[],
  lines: readonly CatalogLine[],
): Promise<readonly string[]> {
  const { dependenciesOf, sessionId } = await import('../sessions/lineage.ts');
  const { projectPrefix, sessionPrefix } = await import('../store/keys.ts');
  const { dependsOn } = dependenciesOf(lines);
  const wanted = new Set(chosen.flatMap((session) => [sessionId(session), ...dependsOn(sessionId(session))]));
  // A session grows while it is gone over: sub-agents start others.
  for (const id of wanted) {
    for (const { harness, session, lineage = [] } of lines) {
      const isBelow = lineage.some((link) => link.kind === 'parent' && `${harness}/${link.session}` === id);
      if (isBelow) wanted.add(`${harness}/${session}`);
    }
  }
  return [...wanted]
    .map((id) => {
      const [harness = '', ...session] = id.split('/');
      const prefix = sessionPrefix({ project: app.project, harness, session: session.join('/') });
      return prefix.slice(projectPrefix(app.project).length);
    })
    .sort();
}

async function lineOf(to: App, session: { harness: string; session: string }, signal: AbortSignal) {
  const { catalogLine } = await import('../mirror/meta.ts');
  const { readMeta } = await import('../sessions/meta-reader.ts');
  const meta = await unlessSealed(readMeta(to.store, { project: to.project, ...session }, { signal }));
  return meta && catalogLine(meta);
}

/** When each session changed last, as the catalogs there say. */
async function listedIn(to: App, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const { readCatalog } = await import('../sessions/catalog.ts');
  const { sessionId } = await import('../sessions/lineage.ts');
  const catalog = await unlessSealed(readCatalog(to.store, to.project, { signal }));
  const lines = catalog?.from === 'catalog' ? catalog.lines : [];
  return new Map(lines.map((line) => [sessionId(line), line.updatedAt]));
}

/** Without the key of an encrypted project it can be copied, but not listed. */
async function unlessSealed<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CairnError && (error.code === 'denied' || error.code === 'corrupt')) return undefined;
    throw error;
  }
}

async function list(to: App, lines: readonly CatalogLine[]): Promise<void> {
  if (lines.length === 0) return;
  const { openState } = await import('../app.ts');
  const { updateCatalog } = await import('../mirror/catalog.ts');
  await updateCatalog(to.writing(), to.project, await openState(to), to.runtime, lines, true);
}

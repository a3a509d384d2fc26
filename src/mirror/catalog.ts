import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { newestOf, readMirror } from '../sessions/catalog.ts';
import { catalogKey } from '../store/keys.ts';
import type { BucketStore } from '../store/types.ts';
import { readJson, replaceState } from './durable-file.ts';
import type { CatalogLine } from './meta.ts';
import type { ProjectState } from './state-folder.ts';

const gzip = promisify(gzipCallback);
const CATALOG_EVERY_MS = 60_000;
const DAY_MS = 86_400_000;

interface CatalogState {
  readonly v: 1;
  /** Lines in the copies here: one with fewer is torn. */
  recent?: number;
  base: number;
  baseAt: number;
  writtenAt?: number;
  due: boolean;
}

/**
 * This mirror's catalog: one line a session. `recent` holds what changed since `base`; both lie beside the
 * local state and are uploaded whole, base first. A reader that finds both takes the newer line of a session.
 * True: the bucket was written to.
 */
export async function updateCatalog(
  store: BucketStore,
  project: string,
  state: ProjectState,
  runtime: Runtime,
  lines: readonly CatalogLine[],
  atOnce = false,
): Promise<boolean> {
  const folder = state.catalogFolder;
  const stateFile = join(folder, 'state.json');
  const isState = (value: unknown): value is CatalogState => (value as CatalogState | null)?.v === 1;
  if (lines.length === 0 && !readJson(stateFile, isState)?.due) return false;
  const unlock = await state.lock('catalog');
  try {
    const file = (name: string) => join(folder, name);
    const replace = (name: string, text: string) => replaceState(file(name), text, `${file(name)}.${runtime.id()}`);
    const now = runtime.now();
    const kept = readJson(stateFile, isState);
    const known: CatalogState = kept ?? { v: 1, base: 0, baseAt: 0, due: false };
    const copy = await readLines(file('recent.jsonl'), known.recent ?? 0);
    const recent = copy.lines;
    let base = known.base === 0 ? new Map<string, string>() : undefined;
    // The bucket has what was written of a copy that is torn or lost; all of it is written again. Without any copy this may
    // be a mirror that never wrote one, or one whose folder is gone.
    const takeAgain = async () => {
      for (const line of await fetchLines(store, project, state.mirror))
        if (!recent.has(idOf(line))) recent.set(idOf(line), JSON.stringify(line));
      known.base = 0;
      known.due = true;
      base = new Map();
    };
    const readBase = async () => {
      const { lines, isWhole } = base
        ? { lines: base, isWhole: true }
        : await readLines(file('base.jsonl'), known.base);
      if (isWhole) base = lines;
      else await takeAgain();
    };
    if (!kept || !copy.isWhole) await takeAgain();
    // A session that no reader can see yet is listed at once; what changes of it may wait.
    if (lines.some((line) => !recent.has(idOf(line)))) await readBase();
    const isNew = lines.some((line) => !recent.has(idOf(line)) && !base?.has(idOf(line)));
    for (const line of lines) recent.set(idOf(line), JSON.stringify(line));
    if (lines.length > 0) {
      known.due = true;
      await replace('recent.jsonl', joinLines(recent));
    }
    const since = now - (known.writtenAt ?? 0);
    let written = false;
    if (known.due && (atOnce || isNew || known.writtenAt === undefined || since >= CATALOG_EVERY_MS || since < 0)) {
      const upload = async (name: 'base' | 'recent', text: string) =>
        store.overwrite(catalogKey(project, state.mirror, name), await gzip(text));
      const full =
        recent.size > Math.max(16, known.base / 10) || (known.base > 0 && Math.abs(now - known.baseAt) > DAY_MS);
      if (full) {
        await readBase();
        const all = new Map([...(base ?? []), ...recent]);
        const text = joinLines(all);
        await upload('base', text);
        await replace('base.jsonl', text);
        await replace('recent.jsonl', '');
        known.base = all.size;
        known.baseAt = now;
        recent.clear();
      }
      await upload('recent', joinLines(recent));
      known.writtenAt = now;
      known.due = false;
      written = true;
    }
    known.recent = recent.size;
    await replace('state.json', JSON.stringify(known));
    return written;
  } finally {
    await unlock();
  }
}

function idOf({ harness, session }: Pick<CatalogLine, 'harness' | 'session'>): string {
  return `${harness}/${session}`;
}

/** A local copy; it is whole where every line can be read and none of those that were counted is missing. */
async function readLines(
  path: string,
  count: number,
): Promise<{ readonly lines: Map<string, string>; readonly isWhole: boolean }> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = new Map<string, string>();
  let isTorn = false;
  for (const line of text.split('\n')) {
    const id = line === '' ? undefined : idIn(line);
    if (id !== undefined) lines.set(id, line);
    else isTorn ||= line !== '';
  }
  return { lines, isWhole: !isTorn && lines.size >= count };
}

function idIn(line: string): string | undefined {
  try {
    return idOf(JSON.parse(line) as CatalogLine);
  } catch {
    return undefined; // a crash of the host has torn it
  }
}

/** What the bucket has of this mirror's catalog. @throws CairnError `corrupt` where it is damaged there as well */
async function fetchLines(store: BucketStore, project: string, mirror: string): Promise<readonly CatalogLine[]> {
  const problems: string[] = [];
  const lines = await readMirror(store, project, mirror, (problem) => problems.push(problem), {});
  if (problems.length > 0) throw new CairnError('corrupt', problems.join('; '));
  return newestOf(lines);
}

function joinLines(lines: ReadonlyMap<string, string>): string {
  return [...lines.values()].map((line) => `${line}\n`).join('');
}

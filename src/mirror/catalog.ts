import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import type { Runtime } from '../runtime.ts';
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
  /** Lines in `base`. */
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
    const known: CatalogState = readJson(stateFile, isState) ?? { v: 1, base: 0, baseAt: 0, due: false };
    const recent = await readLines(file('recent.jsonl'));
    // A session that no reader can see yet is listed at once; what changes of it may wait.
    const changed = lines.filter((line) => !recent.has(idOf(line)));
    const base = changed.length > 0 ? await readLines(file('base.jsonl')) : undefined;
    const isNew = changed.some((line) => !base?.has(idOf(line)));
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
        const all = new Map([...(base ?? (await readLines(file('base.jsonl')))), ...recent]);
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
    await replace('state.json', JSON.stringify(known));
    return written;
  } finally {
    await unlock();
  }
}

function idOf({ harness, session }: Pick<CatalogLine, 'harness' | 'session'>): string {
  return `${harness}/${session}`;
}

async function readLines(path: string): Promise<Map<string, string>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    lines.set(idOf(JSON.parse(line) as CatalogLine), line);
  }
  return lines;
}

function joinLines(lines: ReadonlyMap<string, string>): string {
  return [...lines.values()].map((line) => `${line}\n`).join('');
}

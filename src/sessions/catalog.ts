import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import { type CatalogLine, catalogLine, catalogLineSchema } from '../mirror/meta.ts';
import { checkFormat } from '../store/format.ts';
import { catalogKey, catalogPrefix, parseCatalogKey } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { storedSessions } from './inventory.ts';
import { readMeta } from './meta-reader.ts';

/** A catalog's line has its texts bounded; whatever is larger was not written by Cairn. */
const LINE_BYTES = 1 << 20;
/** Half a million sessions of one host. */
const CATALOG_BYTES = 512 << 20;

export interface Catalog {
  /** One line a session, the newest of those that mirrors wrote. */
  readonly lines: readonly CatalogLine[];
  /** Sessions that were removed on purpose. */
  readonly pruned: readonly CatalogLine[];
  /** Those that keep a catalog. */
  readonly mirrors: readonly string[];
  /** What could not be read, in words; the rest is right. */
  readonly problems: readonly string[];
  /** Where the lines come from: without any catalog they are made from every session's meta. */
  readonly from: 'catalog' | 'sessions';
}

/**
 * All sessions of the project: one LIST and two GETs a mirror, however many sessions there are. Where no
 * catalog is, each session's meta is read instead.
 * @throws CairnError `newer-format`, and of the store
 */
export async function readCatalog(store: BucketStore, project: string, options: RequestOptions = {}): Promise<Catalog> {
  const mirrors = new Set<string>();
  for await (const entry of store.list(catalogPrefix(project), options)) {
    const catalog = 'key' in entry ? parseCatalogKey(project, entry.key) : undefined;
    if (catalog) mirrors.add(catalog.mirror);
  }
  const problems: string[] = [];
  const report = (problem: string) => problems.push(problem);
  const read =
    mirrors.size > 0
      ? await Promise.all([...mirrors].map((mirror) => readMirror(store, project, mirror, report, options)))
      : [await readMetas(store, project, report, options)];
  // A session that was pruned keeps a line, or another mirror's older one would bring it back into the list.
  const newest = newestOf(read.flat());
  const lines = newest.filter(({ state }) => state !== 'pruned');
  // What is not understood may be of a newer program, and so may a bucket that seems empty.
  if (problems.length > 0 || lines.length === 0) await checkFormat(store, project, options);
  const pruned = newest.filter(({ state }) => state === 'pruned');
  return { lines, pruned, problems, mirrors: [...mirrors], from: mirrors.size > 0 ? 'catalog' : 'sessions' };
}

/**
 * The same for whoever would do harm where a session is left out.
 * @throws CairnError `corrupt` where something cannot be read
 */
export async function readWholeCatalog(
  store: BucketStore,
  project: string,
  options: RequestOptions = {},
): Promise<Catalog> {
  const catalog = await readCatalog(store, project, options);
  if (catalog.problems.length === 0) return catalog;
  throw new CairnError('corrupt', catalog.problems.join('; '));
}

/** Lines of one mirror. `recent` first: it is written after `base`, so that what has just been moved is in one of them. */
export async function readMirror(
  store: BucketStore,
  project: string,
  mirror: string,
  report: (problem: string) => void,
  options: RequestOptions,
): Promise<CatalogLine[]> {
  const lines: CatalogLine[] = [];
  for (const file of ['recent', 'base'] as const) {
    const key = catalogKey(project, mirror, file);
    const object = await store.get(key, options);
    if (!object) continue;
    let bad = 0;
    try {
      for await (const line of gunzipLines(object.body, key)) {
        const parsed = parseLine(line);
        if (parsed) lines.push(parsed);
        else bad++;
      }
    } catch (error) {
      if (!(error instanceof CairnError && error.code === 'corrupt')) throw error;
      report(error.message);
    } finally {
      object.close();
    }
    if (bad > 0)
      report(damagedCatalog(key, bad === 1 ? 'one line that is none' : `${bad} lines that are none`).message);
  }
  return lines;
}

async function readMetas(
  store: BucketStore,
  project: string,
  report: (problem: string) => void,
  options: RequestOptions,
): Promise<CatalogLine[]> {
  const reading: Promise<CatalogLine | undefined>[] = [];
  for await (const address of storedSessions(store, project, options)) {
    reading.push(
      readMeta(store, address, options).then(
        (meta) => meta && catalogLine(meta),
        (error: unknown) => {
          if (!(error instanceof CairnError && error.code === 'corrupt')) throw error;
          report(error.message);
          return undefined;
        },
      ),
    );
  }
  return (await Promise.all(reading)).filter((line) => line !== undefined);
}

/** Of several lines of one session the newest. */
export function newestOf(lines: readonly CatalogLine[]): CatalogLine[] {
  const newest = new Map<string, CatalogLine>();
  for (const line of lines) {
    const id = JSON.stringify([line.harness, line.session]);
    const other = newest.get(id);
    if (!other || other.updatedAt < line.updatedAt) newest.set(id, line);
  }
  return [...newest.values()];
}

function parseLine(line: string): CatalogLine | undefined {
  try {
    const parsed = v.safeParse(catalogLineSchema, JSON.parse(line));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined; // counted as a line that is none
  }
}

/** Lines of a gzipped object, within bounds whatever it decompresses to. @throws CairnError `corrupt` */
async function* gunzipLines(body: AsyncIterable<Uint8Array>, key: string): AsyncGenerator<string> {
  let rest = '';
  let size = 0;
  const decoder = new TextDecoder();
  for await (const piece of gunzip(body, key)) {
    size += piece.length;
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (size > CATALOG_BYTES || rest.length > LINE_BYTES) {
      throw damagedCatalog(key, 'more than one can hold');
    }
    for (const line of lines) if (line !== '') yield line;
  }
  if (rest !== '') yield rest;
}

async function* gunzip(body: AsyncIterable<Uint8Array>, key: string): AsyncGenerator<Uint8Array> {
  const inflate = createGunzip();
  const source = Readable.from(body);
  source.on('error', (error) => inflate.destroy(error));
  try {
    yield* source.pipe(inflate);
  } catch (cause) {
    if (cause instanceof CairnError) throw cause;
    throw damagedCatalog(key, 'no whole gzip', cause);
  } finally {
    source.destroy();
    inflate.destroy();
  }
}

/** In one line: whoever reads the rest tells of it and goes on. */
export function damagedCatalog(key: string, got: string, cause?: unknown): CairnError {
  return new CairnError(
    'corrupt',
    `expected a catalog at ${key}, got ${got}: \`cairn catalog rebuild\` makes it again`,
    {
      cause,
    },
  );
}

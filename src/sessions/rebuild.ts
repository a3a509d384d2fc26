import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import { CairnError } from '../errors.ts';
import { emptySummary } from '../harness/index.ts';
import type { Harness, SessionSummary } from '../harness/types.ts';
import { type CatalogLine, catalogLine, type SessionMeta } from '../mirror/meta.ts';
import type { PartHeader } from '../mirror/part.ts';
import { foldLines, mergeSummaries } from '../mirror/summary.ts';
import { tildeHome } from '../mirror/tilde.ts';
import { catalogKey, metaKey, type SessionAddress, type StreamAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { readCatalog, readMirror } from './catalog.ts';
import { isDeleted } from './deletion.ts';
import { storedSessions } from './inventory.ts';
import { listSession } from './listing.ts';
import { readMeta } from './meta-reader.ts';
import { chooseEpoch, type PartRun, readParts } from './reader.ts';

const gzip = promisify(gzipCallback);

export interface RebuildOptions extends RequestOptions {
  /**
   * `parts`, the default: reads everything, and makes every meta again. `meta`: takes a meta that can be read for right, which
   * costs one GET a session.
   */
  readonly from?: 'parts' | 'meta';
  /** Folds records; a session of a harness that is not known here gets counts only. */
  harness(name: string): Harness | undefined;
}

/** A session was read and its meta written, or could not be. */
export interface Rebuilt {
  readonly address: SessionAddress;
  readonly problem?: CairnError;
}

/**
 * Makes every session's meta and every mirror's catalog again from the parts, as they would be if they had
 * never been lost. Reads everything.
 * @throws CairnError of the store; a session that is broken is told and left out
 */
export async function* rebuildCatalog(
  store: BucketStore,
  project: string,
  options: RebuildOptions,
): AsyncGenerator<Rebuilt> {
  const { pruned, mirrors } = await readCatalog(store, project, options);
  // A mirror without a session keeps an empty catalog: what stood there is of no session that is there.
  const catalogs = new Map<string, CatalogLine[]>(mirrors.map((mirror) => [mirror, []]));
  for await (const address of storedSessions(store, project, options)) {
    try {
      const known = options.from === 'meta' ? await soundMeta(store, address, options) : undefined;
      const meta = known ?? (await rebuildMeta(store, address, options));
      if (!meta) continue;
      if (!known) await store.overwrite(metaKey(address), Buffer.from(`${JSON.stringify(meta)}\n`), options);
      const lines = catalogs.get(meta.writer.mirror) ?? [];
      catalogs.set(meta.writer.mirror, lines);
      lines.push(catalogLine(meta));
      yield { address };
    } catch (error) {
      if (!(error instanceof CairnError && error.code === 'corrupt')) throw error;
      yield { address, problem: error };
    }
  }
  // Only `base`: what a mirror writes meanwhile stands in its `recent`, and the newer line wins.
  for (const [mirror, own] of catalogs) {
    const lines = [...own, ...pruned.filter((line) => line.mirror === mirror)];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await store.overwrite(catalogKey(project, mirror, 'base'), await gzip(text), options);
    let sound = true;
    await readMirror(store, project, mirror, () => (sound = false), options);
    // Its mirror, if it lives, writes it again as a whole.
    if (!sound) await store.overwrite(catalogKey(project, mirror, 'recent'), await gzip(''), options);
  }
}

async function soundMeta(
  store: BucketStore,
  address: SessionAddress,
  options: RequestOptions,
): Promise<SessionMeta | undefined> {
  try {
    return await readMeta(store, address, options);
  } catch (error) {
    if (error instanceof CairnError && error.code === 'corrupt') return undefined;
    throw error;
  }
}

/** Meta of a session as its parts have it; nothing when it has no parts. @throws CairnError `corrupt` */
export async function rebuildMeta(
  store: BucketStore,
  address: SessionAddress,
  options: RebuildOptions,
): Promise<SessionMeta | undefined> {
  const listing = await listSession(store, address, options);
  if (await isDeleted(store, listing)) return undefined;
  const { streams } = listing;
  const folded = new Map<string, FoldedStream>();
  for (const [stream, epochs] of streams) {
    const at = { ...address, stream };
    const { run } = await chooseEpoch(store, at, epochs);
    folded.set(stream, await foldStream(store, at, run, options));
  }
  const all = [...folded.values()];
  const main = folded.get('main') ?? all[0];
  if (!main) return undefined;
  const newest = all.reduce((a, b) => (b.last.at > a.last.at ? b : a));
  const summary = mergeSummaries(all.map((stream) => stream.summary));
  const { context = {} } = main.first;
  const { user, repository = summary.repository, title, agentVersion, schema, sdkProject, lineage = [] } = context;
  return {
    cairn: 'meta',
    v: 1,
    harness: address.harness,
    session: address.session,
    state: main.last.event ?? 'active',
    summary: {
      ...summary,
      ...(title !== undefined && { title, titleFrom: 'user' as const }),
      ...(summary.cwd !== undefined && { cwd: tildeHome(summary.cwd) }),
      ...(repository !== undefined && { repository }),
      ...(agentVersion !== undefined && { agentVersion }),
      ...(schema !== undefined && { schema }),
      ...(sdkProject !== undefined && { sdkProject }),
      lineage: unique([...lineage, ...(summary.lineage ?? [])]),
    },
    streams: Object.fromEntries(
      [...folded].map(([stream, { last }]) => [
        stream,
        {
          epoch: last.epoch,
          parts: last.seq + 1,
          ...last.totals,
          ...(last.event && { event: last.event }),
        },
      ]),
    ),
    redactor: newest.last.redactor,
    updatedAt: newest.last.at,
    ...(user !== undefined && { user }),
    writer: newest.last.writer,
  };
}

interface FoldedStream {
  readonly summary: SessionSummary;
  /** Headers of the first and the last part of what is read. */
  readonly first: PartHeader;
  readonly last: PartHeader;
}

async function foldStream(
  store: BucketStore,
  address: StreamAddress,
  run: PartRun,
  options: RebuildOptions,
): Promise<FoldedStream> {
  const harness = options.harness(address.harness);
  let summary = emptySummary;
  let first: PartHeader | undefined;
  let last: PartHeader | undefined;
  let rest: Uint8Array = new Uint8Array();
  for await (const piece of readParts(store, address, run, options)) {
    if (piece.header) {
      first ??= piece.header;
      last = piece.header;
      if (!harness) summary = { ...summary, records: summary.records + piece.header.records };
    } else if (harness) {
      const lines = rest.length > 0 ? Buffer.concat([rest, piece.lines]) : piece.lines;
      const end = lines.lastIndexOf(10) + 1;
      summary = foldLines(harness, address.stream, summary, lines.subarray(0, end));
      rest = lines.subarray(end);
    }
  }
  if (!first || !last) throw new CairnError('corrupt', `expected parts of ${address.stream}, found none`);
  return { summary, first, last };
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

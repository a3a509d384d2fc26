import { CairnError } from '../errors.ts';
import type { Harness } from '../harness/types.ts';
import type { ObjectReader } from './cache.ts';
import { sessionId } from './document.ts';
import type { Query } from './query.ts';
import { patternMarks, requiredWords } from './regex.ts';
import { type Found, type Hit, type SearchOptions, searchIndex } from './search.ts';
import type { SearchIndex } from './search-index.ts';
import { type FindMarks, queryMarks, type SpotLine, spotLines, textOfHit } from './spot.ts';

/** What is looked for: words, a pattern, or whatever passes the filter. */
export type Wanted = { readonly query: Query } | { readonly pattern: RegExp } | undefined;

export interface FindOptions extends SearchOptions {
  readonly project: string;
  readonly reader: ObjectReader;
  harness(name: string): Pick<Harness, 'projector'> | undefined;
  /** Lines around each that was found; default 0. */
  readonly context?: number;
  readonly signal?: AbortSignal;
  /** Of a pattern: how many of the candidates were looked at. */
  readonly onLooked?: (looked: number, candidates: number) => void;
}

/** A hit with its lines; none where the session has changed since it was indexed. */
export interface SpotHit extends Hit {
  readonly lines: readonly SpotLine[];
}

export interface FoundSpots {
  readonly hits: readonly SpotHit[];
  /** Events that match; absent where a pattern was not tried on all candidates, as enough were found. */
  readonly total?: number;
  readonly sessions?: number;
}

/** Lines shown of one event. */
const linesShown = 3;
const readsAtOnce = 8;

/**
 * Searches and shows what was found: for words one read of a part for each hit; for a pattern one for every candidate,
 * which are the events that have the words which the pattern requires, or all.
 * @throws CairnError of the store
 */
export async function findSpots(index: SearchIndex, wanted: Wanted, options: FindOptions): Promise<FoundSpots> {
  const { context = 0 } = options;
  if (wanted && 'pattern' in wanted) return findPattern(index, wanted.pattern, options);
  const find = wanted ? queryMarks(wanted.query) : () => [];
  const { hits, total, sessions } = await searchIndex(index, wanted?.query, options);
  const texts = await Promise.all(hits.map((hit) => read(hit, find, options)));
  return {
    hits: hits.map((hit, i) => ({ ...hit, lines: linesOf(texts[i], find, context) })),
    total,
    sessions,
  };
}

function linesOf(text: string | undefined, find: FindMarks, context: number): readonly SpotLine[] {
  return text === undefined ? [] : spotLines(text, find, context, linesShown);
}

async function findPattern(index: SearchIndex, pattern: RegExp, options: FindOptions): Promise<FoundSpots> {
  const { limit = 10, perSession = 3, context = 0, filter = {}, signal, onLooked } = options;
  const find = patternMarks(pattern);
  const every = { filter, limit: Number.POSITIVE_INFINITY, perSession: Number.POSITIVE_INFINITY };
  const candidates: Found = await searchIndex(index, requiredWords(pattern.source), every);
  const bySession = new Map<string, number>();
  const hits: SpotHit[] = [];
  let total = 0;
  for (let at = 0; at < candidates.hits.length; at += readsAtOnce) {
    if (signal?.aborted) throw new CairnError('incomplete', 'expected to look at all candidates, but was stopped');
    const some = candidates.hits.slice(at, at + readsAtOnce);
    const texts = await Promise.all(some.map((hit) => read(hit, find, options)));
    for (const [i, hit] of some.entries()) {
      const text = texts[i];
      if (text === undefined || find(text).length === 0) continue;
      total++;
      const own = (bySession.get(sessionId(hit)) ?? 0) + 1;
      bySession.set(sessionId(hit), own);
      if (own <= perSession && hits.length < limit) hits.push({ ...hit, lines: linesOf(text, find, context) });
    }
    onLooked?.(Math.min(at + readsAtOnce, candidates.hits.length), candidates.hits.length);
    if (hits.length >= limit && at + readsAtOnce < candidates.hits.length) return { hits };
  }
  return { hits, total, sessions: bySession.size };
}

/** A session that was removed or rewritten since gives no text. */
async function read(hit: Hit, find: FindMarks, options: FindOptions): Promise<string | undefined> {
  try {
    return await textOfHit(options.reader, options.project, hit, options.harness(hit.harness), find);
  } catch (error) {
    if (error instanceof CairnError && (error.code === 'not-found' || error.code === 'corrupt')) return undefined;
    throw error;
  }
}

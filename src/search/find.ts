import { CairnError } from '../errors.ts';
import type { Harness } from '../harness/types.ts';
import type { ObjectReader } from './cache.ts';
import { sessionId } from './document.ts';
import { isExact } from './evaluate.ts';
import type { SearchFilter } from './filter.ts';
import type { Hit } from './hit.ts';
import type { Query } from './query.ts';
import { patternMarks, requiredWords } from './regex.ts';
import { type Candidates, searchIndex } from './search.ts';
import type { SearchIndex } from './search-index.ts';
import { type FindMarks, matchesQuery, queryMarks, type SpotLine, spotLines } from './spot.ts';
import { TextReader } from './text-reader.ts';

/** What is looked for: words, a pattern, or whatever passes the filter. */
export type Wanted = { readonly query: Query } | { readonly pattern: RegExp } | undefined;

export interface FindOptions {
  readonly filter?: SearchFilter;
  /** Default 10. */
  readonly limit?: number;
  /** Hits of one session, at most; default 3. */
  readonly perSession?: number;
  readonly project: string;
  readonly reader: ObjectReader;
  harness(name: string): Pick<Harness, 'projector'> | undefined;
  /** Lines around each that was found; default 0. */
  readonly context?: number;
  readonly signal?: AbortSignal;
  /** Where texts have to be looked at: it ends when so many requests went to the store, the index among them; default never. */
  readonly requests?: number | undefined;
  /** Where texts have to be looked at: how many of the candidates were. */
  readonly onLooked?: (looked: number, candidates: number) => void;
}

/** A hit with its lines; none where the session has changed since it was indexed. */
export interface SpotHit extends Hit {
  readonly lines: readonly SpotLine[];
}

export interface FoundSpots {
  readonly hits: readonly SpotHit[];
  /** Events that match, and the sessions they are in; absent where enough were found before all texts were looked at. */
  readonly total?: number;
  readonly sessions?: number;
  /** Where the requests were used up before enough were found: how many candidates were looked at, of how many. */
  readonly partial?: { readonly looked: number; readonly candidates: number };
}

/** Lines shown of one event. */
const linesShown = 3;
const readsAtOnce = 10;
/** Parts that are read however many requests the index took. */
const fewestReads = 10;

/** How a text is looked at. */
interface Look {
  /** Marks what is shown. */
  readonly find: FindMarks;
  /** Whether the text matches; absent where the index says so. */
  readonly test?: (text: string) => boolean;
}

/**
 * Searches and shows what was found. For words the index is enough, and a part is read for each hit. The order of
 * words, as in a phrase, and what matches a pattern is in the texts alone: they are read, the best candidates first,
 * until enough are found. Candidates are the events that have all the words, or all events where a pattern promises none.
 * @throws CairnError of the store
 */
export async function findSpots(index: SearchIndex, wanted: Wanted, options: FindOptions): Promise<FoundSpots> {
  const query = wanted && ('query' in wanted ? wanted.query : requiredWords(wanted.pattern.source));
  const candidates = await searchIndex(index, query, options.filter);
  const look = lookFor(wanted);
  const texts = new TextReader(options.reader, options.project, options.harness);
  const { hits, ...counts } = look.test
    ? await lookAtTexts(candidates, look.test, texts, options)
    : { hits: take(candidates, options), total: candidates.total, sessions: candidates.sessions.size };
  const shown = await Promise.all(hits.map((hit) => readText(texts, hit)));
  return {
    ...counts,
    hits: hits.map((hit, i) => {
      const text = shown[i];
      const lines = text === undefined ? [] : spotLines(text, look.find, options.context ?? 0, linesShown);
      return { ...hit, lines };
    }),
  };
}

function lookFor(wanted: Wanted): Look {
  if (!wanted) return { find: () => [] };
  if ('query' in wanted) {
    const { query } = wanted;
    return { find: queryMarks(query), ...(!isExact(query) && { test: matchesQuery(query) }) };
  }
  const find = patternMarks(wanted.pattern);
  return { find, test: (text) => find(text).length > 0 };
}

/** The first hits of each session, so many at most. */
function* firstOfEach(hits: Iterable<Hit>, most = 3): Generator<Hit> {
  const bySession = new Map<string, number>();
  for (const hit of hits) {
    const own = (bySession.get(sessionId(hit)) ?? 0) + 1;
    bySession.set(sessionId(hit), own);
    if (own <= most) yield hit;
  }
}

function take(candidates: Candidates, { limit = 10, perSession }: FindOptions): Hit[] {
  const hits: Hit[] = [];
  for (const hit of firstOfEach(candidates.best(), perSession)) {
    if (hits.push(hit) >= limit) break;
  }
  return hits;
}

/** Reads part after part, those of the best candidates first, and looks at all candidates in each. */
async function lookAtTexts(
  candidates: Candidates,
  test: (text: string) => boolean,
  texts: TextReader,
  { limit = 10, perSession, reader, requests = Number.POSITIVE_INFINITY, signal, onLooked }: FindOptions,
): Promise<Omit<FoundSpots, 'hits'> & { readonly hits: readonly Hit[] }> {
  let hits: readonly Hit[] = [];
  const sessions = new Set<string>();
  let [total, looked] = [0, 0];
  const most = Math.max(requests, reader.requests() + fewestReads);
  const left = () => Math.min(readsAtOnce, most - reader.requests());
  const best = () => hits.slice(0, limit);
  for (const parts of groups(candidates.byPart(), left)) {
    if (parts.length === 0) return { hits: best(), partial: { looked, candidates: candidates.total } };
    if (signal?.aborted) throw new CairnError('incomplete', 'expected to look at all candidates, but was stopped');
    const some = await Promise.all(parts.map((part) => matchesIn(part, test, texts)));
    const matches = some.flat();
    total += matches.length;
    for (const hit of matches) sessions.add(sessionId(hit));
    // A part has weak candidates, too: a better one of the same session may come in a later part.
    hits = [...firstOfEach([...hits, ...matches].sort(byScore), perSession)];
    looked += parts.reduce((sum, { length }) => sum + length, 0);
    onLooked?.(looked, candidates.total);
    if (hits.length >= limit && looked < candidates.total) return { hits: best() };
  }
  return { hits: best(), total, sessions: sessions.size };
}

async function matchesIn(part: readonly Hit[], test: (text: string) => boolean, texts: TextReader): Promise<Hit[]> {
  const matches: Hit[] = [];
  for (const hit of part) {
    const text = await readText(texts, hit);
    if (text !== undefined && test(text)) matches.push(hit);
  }
  return matches;
}

function byScore(a: Hit, b: Hit): number {
  return b.score - a.score || (b.time ?? '').localeCompare(a.time ?? '');
}

/** Groups of as many as `size` says each time; an empty one, the last, where it says none and there are more. */
function* groups<T>(values: Iterable<T>, size: () => number): Generator<T[]> {
  let group: T[] = [];
  let most = size();
  for (const value of values) {
    if (most <= 0) return yield [];
    group.push(value);
    if (group.length < most) continue;
    yield group;
    group = [];
    most = size();
  }
  if (group.length > 0) yield group;
}

/** A session that was removed or rewritten since gives no text. */
async function readText(texts: TextReader, hit: Hit): Promise<string | undefined> {
  try {
    return await texts.read(hit);
  } catch (error) {
    if (error instanceof CairnError && (error.code === 'not-found' || error.code === 'corrupt')) return undefined;
    throw error;
  }
}

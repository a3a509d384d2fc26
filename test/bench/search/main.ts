import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { harnesses } from '../../../harnesses/index.ts';
import { systemRuntime } from '../../../src/index.ts';
import { cachedReader, type ObjectReader, storeReader } from '../../../src/search/cache.ts';
import { type FoundSpots, findSpots } from '../../../src/search/find.ts';
import { parseQuery } from '../../../src/search/query.ts';
import { openIndex, type SearchIndex } from '../../../src/search/search-index.ts';
import { tokensOf } from '../../../src/search/tokens.ts';
import { updateIndex } from '../../../src/search/update.ts';
import { readCatalog } from '../../../src/sessions/catalog.ts';
import { withCount } from '../../../src/store/count.ts';
import { directoryStore } from '../../../src/store/directory.ts';
import type { BucketStore } from '../../../src/store/types.ts';
import { table } from '../../table.ts';
import { Random } from '../random.ts';
import { writeSessions } from './bucket.ts';
import { Language } from './language.ts';

const { values: options } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000' },
    /** Records of each session. */
    records: { type: 'string', default: '100' },
    queries: { type: 'string', default: '200' },
    /** Where the bucket stands, or is to stay for another run; default a folder that is removed. */
    folder: { type: 'string' },
    /** What every request of a cold search takes longer, as a store far away would. */
    latency: { type: 'string', default: '25' },
  },
});

const runtime = systemRuntime();
const folder = await mkdtemp(join(tmpdir(), 'cairn-search-'));
const kept = options.folder === undefined ? undefined : resolve(options.folder);
const harness = (name: string) => harnesses.find((known) => known.name === name);
const [low, high] = [0, 2000];

try {
  const store = await openFolder(kept ?? join(folder, 'bucket'));
  const random = new Random(1);
  const language = new Language(random);
  let { lines } = await readCatalog(store, 'p');
  if (lines.length === 0) {
    await writeSessions(store, language, random, Number(options.sessions), Number(options.records));
    ({ lines } = await readCatalog(store, 'p'));
    console.error('the sessions are written');
  }
  const bytes = lines.reduce((sum, line) => sum + line.bytes, 0);

  const start = performance.now();
  let size = 0;
  let segments = 0;
  const reader = cachedReader(storeReader(store), join(folder, 'builder'), runtime);
  for await (const event of updateIndex(store, 'p', { harness, reader, runtime, rebuild: true })) {
    if (event.event === 'failed') throw event.problem;
    if (event.event === 'index') ({ size, segments } = event);
  }
  const seconds = (performance.now() - start) / 1000;
  const peak = process.resourceUsage().maxRSS * 1024;
  const built = await openIndex(store, 'p', storeReader(store));
  const text = built.segments.reduce((sum, { head }) => sum + head.textBytes, 0);
  const documents = built.segments.reduce((sum, { head }) => sum + head.documents, 0);
  const rows: [string, string][] = [
    ['sessions, events, records, text in them', `${lines.length}, ${documents}, ${mb(bytes)}, ${mb(text)}`],
    [
      'index',
      `${mb(size)} in ${segments} segments: ${percent(size, bytes)} of the records, ${percent(size, text)} of the text`,
    ],
    [
      'build',
      `${seconds.toFixed(1)} s: ${mb(bytes / seconds)}/s of records, ${mb(text / seconds)}/s of text; peak RSS ${mb(peak)}`,
    ],
  ];

  const queries = Array.from({ length: Number(options.queries) }, (_, i) => queryOf(language, random, i));
  const opened = await openIndex(store, 'p', storeReader(store));
  const phrases: string[] = [];
  while (phrases.length < queries.length / 4) phrases.push(await phraseOf(opened, store, language, random));
  for (const [name, asked] of [
    ['', queries],
    ['phrases of any words in a text, ', phrases],
  ] as const) {
    const cold = [];
    for (const query of asked.slice(0, 40)) cold.push(await coldly(store, query));
    const requests = cold.map((one) => one.requests);
    const coldMs = cold.map((one) => one.ms);
    rows.push([`${name}cold, each request ${options.latency} ms longer: p50, p95`, quantiles(coldMs, ms)]);
    rows.push([`${name}cold, requests: p50, p95, most`, `${quantiles(requests, String)}, ${Math.max(...requests)}`]);
    rows.push([`${name}cold, answered in full`, `${cold.filter(({ full }) => full).length} of ${cold.length}`]);
    const cache = join(folder, 'warm');
    for (const query of asked) await search(store, cache, query);
    const whole: number[] = [];
    for (const query of asked) whole.push(await timed(() => search(store, cache, query)));
    const held = await openIndex(store, 'p', cachedReader(storeReader(store), cache, runtime));
    const alone: number[] = [];
    for (const query of asked) alone.push(await timed(() => find(held, store, cache, query)));
    rows.push([`${name}warm, index opened from the local copy each time: p50, p95`, quantiles(whole, ms)]);
    rows.push([`${name}warm, index held open: p50, p95`, quantiles(alone, ms)]);
  }
  console.log(
    `${new Date().toISOString().slice(0, 10)}; ${cpus().length} cores (${cpus()[0]?.model}); Node ${process.versions.node}\n`,
  );
  console.log(table(['search', 'figure'], rows));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function openFolder(path: string): Promise<BucketStore> {
  await mkdir(path, { recursive: true });
  return directoryStore(path, runtime);
}

/** As the command does: the requests for the index are counted with those for the texts. */
async function search(store: BucketStore, cache: string, query: string): Promise<FoundSpots> {
  const reader = cachedReader(storeReader(store), cache, runtime);
  return found(await openIndex(store, 'p', reader), reader, query);
}

async function find(index: Awaited<ReturnType<typeof openIndex>>, store: BucketStore, cache: string, query: string) {
  await found(index, cachedReader(storeReader(store), cache, runtime), query);
}

function found(index: SearchIndex, reader: ObjectReader, query: string): Promise<FoundSpots> {
  return findSpots(index, { query: parseQuery(query) }, { project: 'p', reader, harness, requests: 30 });
}

/** A search by a host that has nothing yet. */
async function coldly(store: BucketStore, query: string): Promise<{ ms: number; requests: number; full: boolean }> {
  const cache = join(folder, 'cold');
  const counted = withCount(slow(store, Number(options.latency)));
  let full = false;
  const spent = await timed(async () => {
    full = (await search(counted, cache, query)).partial === undefined;
  });
  await rm(cache, { recursive: true, force: true });
  return {
    ms: spent,
    full,
    requests: Object.values(counted.counts()).reduce((sum, traffic) => sum + traffic.requests, 0),
  };
}

/** Two to four words that stand one behind the other in the text of some event. */
async function phraseOf(index: SearchIndex, store: BucketStore, words: Language, random: Random): Promise<string> {
  for (;;) {
    const query = parseQuery(words.wordOf(random.between(high, 50_000)));
    const { hits } = await findSpots(index, { query }, { project: 'p', reader: storeReader(store), harness, limit: 1 });
    const tokens = tokensOf(hits[0]?.lines[0]?.text ?? '');
    const length = random.between(2, 4);
    const from = random.between(0, Math.max(0, tokens.length - length));
    const phrase = tokens.slice(from, from + length).map(({ term }) => term);
    if (phrase.length === length) return `"${phrase.join(' ')}"`;
  }
}

/** Words of all ranks, two words, phrases of frequent words, beginnings, Chinese. */
function queryOf(words: Language, random: Random, i: number): string {
  const any = () => words.wordOf(random.between(low, high));
  const kinds = [
    () => any(),
    () => words.wordOf(random.between(0, 20)),
    () => words.wordOf(random.between(high, 50_000)),
    () => `${any()} ${any()}`,
    () => `"${words.wordOf(random.between(0, 10))} ${words.wordOf(random.between(0, 10))}"`,
    () => `${words.wordOf(random.between(500, high))}*`,
    () => words.chinese(2),
    () => words.chinese(4),
  ];
  return kinds[i % kinds.length]?.() ?? any();
}

function slow(store: BucketStore, latency: number): BucketStore {
  return {
    ...store,
    async get(key, request) {
      await delay(latency);
      return store.get(key, request);
    },
    async *list(prefix, request) {
      await delay(latency);
      yield* store.list(prefix, request);
    },
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function quantiles(values: readonly number[], show: (value: number) => string): string {
  return `${show(quantile(values, 0.5))}, ${show(quantile(values, 0.95))}`;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

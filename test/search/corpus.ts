import * as fc from 'fast-check';
import { harnesses } from '../../harnesses/index.ts';
import { storeReader } from '../../src/search/cache.ts';
import type { SearchDocument } from '../../src/search/document.ts';
import { type FindOptions, type FoundSpots, findSpots, type Wanted } from '../../src/search/find.ts';
import { openIndex, type SearchIndex, storeSegment } from '../../src/search/search-index.ts';
import { SegmentBuilder } from '../../src/search/segment-builder.ts';
import { updateIndex } from '../../src/search/update.ts';
import { sessionPrefix } from '../../src/store/keys.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { EpochWriter, lineOf, putCatalog, watchedStore } from '../sessions/bucket.ts';
import { testRuntime } from '../store/runtime.ts';

const words = ['alpha', 'Beta', 'gamma', 'delta7', 'naïve', 'ÉCOLE', 'a', 'src', 'app', 'ts', 'Straße', '𝒳yz', 'x̂'];
const dense = [...'東京都庁日本語検索全文猫カタカナひらが中国汉字한국어검색서울', '𠮷'];
const gaps = [' ', ' ', ' ', '\n', '.', '/', '_', '-', ', ', '。', ' — '];

/** Texts of words, of scripts without gaps, and of both, from few enough pieces that queries have hits. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...words) },
      {
        weight: 4,
        arbitrary: fc.array(fc.constantFrom(...dense), { minLength: 1, maxLength: 4 }).map((c) => c.join('')),
      },
      { weight: 5, arbitrary: fc.constantFrom(...gaps) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 3 }) },
    ),
    { maxLength: 25 },
  )
  .map((pieces) => pieces.join(''));

function documentsOf(texts: readonly string[], from = 0): SearchDocument[] {
  return texts.map((text, i) => ({
    seq: from + i,
    epoch: 0,
    record: from + i,
    kind: 'user',
    error: false,
    files: [],
    text,
  }));
}

/** A store with a part and a segment for each session; `sessions[i]` are the texts of session `s<i>`. */
export async function storeOf(sessions: readonly (readonly string[])[]): Promise<BucketStore> {
  const store = memoryStore(testRuntime());
  for (const [i, texts] of sessions.entries()) {
    const [harness, session] = ['claude-code', `s${i}`];
    await new EpochWriter(store, { project: 'p', harness, session, stream: 'main' }).put(
      texts.map((text, n) => said(text, n)),
    );
    const builder = new SegmentBuilder();
    const run = { stream: 'main', head: 0, epoch: 0, first: 0, count: texts.length, from: 0, events: texts.length };
    builder.add(
      { harness, session, updatedAt: '1', host: 'host' },
      [{ ...run, parts: [texts.length] }],
      documentsOf(texts),
    );
    await storeSegment(store, 'p', `seg${i}`, await builder.build());
  }
  return store;
}

export function open(store: BucketStore): Promise<SearchIndex> {
  return openIndex(store, 'p', storeReader(store));
}

/** A record of claude-code: what a person said, or the model; `n` tells them apart, and orders them in time. */
export function said(text: string, n = 0, role: 'user' | 'assistant' = 'user'): string {
  const time = new Date(Date.UTC(2026, 10, 21, 9, 0, n)).toISOString();
  return JSON.stringify({
    type: role,
    uuid: `u${n}`,
    timestamp: time,
    message: { role, content: role === 'user' ? text : [{ type: 'text', text }] },
  });
}

/** Everything that an index has of what is wanted, unless the options say less. */
export function find(
  index: SearchIndex,
  store: BucketStore,
  wanted: Wanted,
  options: Partial<FindOptions> = {},
): Promise<FoundSpots> {
  const reader = storeReader(store);
  return findSpots(index, wanted, { project: 'p', reader, harness, limit: 1e9, perSession: 1e9, ...options });
}

export function harness(name: string) {
  return harnesses.find((known) => known.name === name);
}

/** A bucket with sessions that a catalog lists. */
export class Project {
  readonly store = watchedStore();
  readonly #lines = new Map<string, ReturnType<typeof lineOf>>();
  #versions = 0;

  session(id: string, change: Partial<ReturnType<typeof lineOf>> = {}): EpochWriter {
    this.#lines.set(id, lineOf(id, { harness: 'claude-code', ...change }));
    const { harness } = this.#lines.get(id)!;
    return new EpochWriter(this.store, { project: 'p', harness, session: id, stream: 'main' });
  }

  /** The catalog says that the session has changed. */
  async touch(...ids: string[]): Promise<void> {
    for (const id of ids) {
      this.#lines.set(id, {
        ...this.#lines.get(id)!,
        updatedAt: `2026-11-21T10:00:00.${String(++this.#versions).padStart(3, '0')}Z`,
      });
    }
    await putCatalog(this.store, 'm', 'base', [...this.#lines.values()]);
  }

  async remove(id: string): Promise<void> {
    this.#lines.delete(id);
    const keys: string[] = [];
    for await (const entry of this.store.list(sessionPrefix({ project: 'p', harness: 'claude-code', session: id }))) {
      if ('key' in entry) keys.push(entry.key);
    }
    for (const key of keys) await this.store.remove(key);
    await putCatalog(this.store, 'm', 'base', [...this.#lines.values()]);
  }
}

export async function update(store: BucketStore, rebuild = false) {
  let documents = 0;
  for await (const event of updateIndex(store, 'p', {
    harness,
    reader: storeReader(store),
    runtime: testRuntime(),
    rebuild,
  })) {
    if (event.event === 'failed') throw event.problem;
    if (event.event === 'session') documents += event.documents;
  }
  return documents;
}

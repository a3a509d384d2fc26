import { join } from 'node:path';
import type { App } from './app.ts';
import { CairnError } from './errors.ts';
import { cachedReader, type ObjectReader, storeReader } from './search/cache.ts';
import { sessionId } from './search/document.ts';
import { openIndex, type SearchIndex } from './search/search-index.ts';
import { type IndexEvent, removeFromIndex, updateIndex } from './search/update.ts';
import { type Catalog, readCatalog } from './sessions/catalog.ts';

/** The index, opened for searching. */
export interface Search {
  readonly index: SearchIndex;
  readonly reader: ObjectReader;
  readonly catalog: Promise<Catalog>;
  /** Sessions that changed since they were indexed. */
  readonly behind: Promise<number>;
}

/** What is encrypted in the bucket is not kept open on this disk. */
async function openReader({ store, config, runtime }: App, signal?: AbortSignal): Promise<ObjectReader> {
  const isSealed = (await store.sealing?.()) !== undefined;
  const reader = storeReader(store, { ranges: !isSealed, ...(signal && { signal }) });
  return isSealed ? reader : cachedReader(reader, join(config.folders.state, 'search'), runtime);
}

/** Opens the index of the project that is set. @throws CairnError `not-found`, `corrupt`, `newer-format`, and of the store */
export async function openSearch(app: App, signal?: AbortSignal): Promise<Search> {
  const { store, project } = app;
  const request = signal && { signal };
  const reader = await openReader(app, signal);
  const catalog = readCatalog(store, project, request);
  catalog.catch(() => {}); // told where the index can be opened
  const index = await openIndex(store, project, reader, request);
  if (index.segments.length === 0) {
    throw new CairnError('not-found', 'expected a search index in the bucket, found none', {
      hint: 'make it: `cairn index`',
    });
  }
  const behind = catalog.then(
    ({ lines }) => lines.filter((line) => index.sessions.get(sessionId(line))?.updatedAt !== line.updatedAt).length,
  );
  behind.catch(() => {}); // told when it is asked for
  return { index, reader, catalog, behind };
}

/** Takes sessions, given as `harness/session`, out of the index. @throws CairnError of the store */
export async function forgetSearched(app: App, ids: ReadonlySet<string>, signal?: AbortSignal): Promise<number> {
  const reader = await openReader(app, signal);
  return removeFromIndex(app.writing(), app.project, ids, { reader, runtime: app.runtime, ...(signal && { signal }) });
}

/** Brings the index of the project that is set up to date. @throws CairnError of the store */
export async function* updateSearch(
  app: App,
  options: { readonly rebuild?: boolean; readonly signal?: AbortSignal } = {},
): AsyncGenerator<IndexEvent> {
  yield* updateIndex(app.writing(), app.project, {
    ...options,
    harness: (name) => app.harnesses.find((harness) => harness.name === name),
    reader: await openReader(app, options.signal),
    runtime: app.runtime,
  });
}

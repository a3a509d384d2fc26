import { join } from 'node:path';
import type { App } from './app.ts';
import { cachedReader, type ObjectReader, storeReader } from './search/cache.ts';
import { sessionId } from './search/document.ts';
import { openIndex, type SearchIndex } from './search/search-index.ts';
import { type IndexEvent, updateIndex } from './search/update.ts';
import { readCatalog } from './sessions/catalog.ts';

/** The index, opened for searching. */
export interface Search {
  readonly index: SearchIndex;
  readonly reader: ObjectReader;
  /** Sessions that changed since they were indexed. */
  readonly behind: Promise<number>;
}

function openReader({ store, config, runtime }: App, signal?: AbortSignal): ObjectReader {
  return cachedReader(storeReader(store, signal && { signal }), join(config.folders.state, 'search'), runtime);
}

/** Opens the index of the project that is set. @throws CairnError `corrupt`, `newer-format`, and of the store */
export async function openSearch(app: App, signal?: AbortSignal): Promise<Search> {
  const { store, project } = app;
  const request = signal && { signal };
  const reader = openReader(app, signal);
  const catalog = readCatalog(store, project, request);
  const index = await openIndex(store, project, reader, request);
  const behind = catalog.then(
    ({ lines }) => lines.filter((line) => index.sessions.get(sessionId(line))?.updatedAt !== line.updatedAt).length,
  );
  behind.catch(() => {}); // told when it is asked for
  return { index, reader, behind };
}

/** Brings the index of the project that is set up to date. @throws CairnError of the store */
export function updateSearch(
  app: App,
  options: { readonly rebuild?: boolean; readonly signal?: AbortSignal } = {},
): AsyncGenerator<IndexEvent> {
  return updateIndex(app.writing(), app.project, {
    ...options,
    harness: (name) => app.harnesses.find((harness) => harness.name === name),
    reader: openReader(app, options.signal),
    runtime: app.runtime,
  });
}

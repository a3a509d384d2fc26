import { promisify } from 'node:util';
import { gunzip as gunzipCallback, gzip as gzipCallback } from 'node:zlib';
import type { Redactor } from '../redact/types.ts';
import { damagedCatalog } from '../sessions/catalog.ts';
import { catalogPrefix, parseCatalogKey } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import type { CatalogLine } from './meta.ts';
import { addTallies, type Tally } from './tally.ts';

const gzip = promisify(gzipCallback);
const gunzip = promisify(gunzipCallback);

export interface CatalogScan extends RequestOptions {
  readonly store: BucketStore;
  readonly redactor: Redactor;
}

/** What was found in the lines that a mirror's catalog has of a session. */
export interface CatalogFinding {
  readonly event: 'found';
  readonly harness: string;
  readonly session: string;
  readonly catalog: string;
  readonly redactions: Tally;
}

/**
 * Looks through the lines of all catalogs that `wants` chooses; with `fix` writes the catalogs anew without what is
 * found. A line that a mirror writes at that moment comes back with the next that it writes.
 * @throws CairnError `corrupt` for a catalog that cannot be read, and of the store
 */
export async function* scanCatalogs(
  { store, redactor, ...options }: CatalogScan,
  project: string,
  fix: boolean,
  wants: (line: Pick<CatalogLine, 'harness' | 'session'>) => boolean = () => true,
): AsyncGenerator<CatalogFinding> {
  const keys: string[] = [];
  for await (const entry of store.list(catalogPrefix(project), options)) if ('key' in entry) keys.push(entry.key);
  for (const key of keys) {
    const catalog = parseCatalogKey(project, key);
    const object = catalog && (await store.get(key, options));
    if (!catalog || !object) continue;
    const lines = await gunzip(await object.bytes()).catch((cause) => {
      throw damagedCatalog(key, 'no whole gzip', cause);
    });
    const { text, found } = redactLines(redactor, lines.toString('utf8'), wants);
    for (const [line, redactions] of found) yield { event: 'found', ...line, catalog: catalog.mirror, redactions };
    if (fix && found.size > 0) await store.overwrite(key, await gzip(text));
  }
}

/** The lines of a catalog without secrets; what was found, by session. A line that is none is left as it is. */
export function redactLines(
  redactor: Redactor,
  text: string,
  wants: (line: Pick<CatalogLine, 'harness' | 'session'>) => boolean,
): {
  readonly text: string;
  readonly found: ReadonlyMap<Pick<CatalogLine, 'harness' | 'session'>, Tally>;
} {
  const found = new Map<Pick<CatalogLine, 'harness' | 'session'>, Tally>();
  const lines = text.split('\n').map((line) => {
    const session = line === '' ? undefined : sessionOf(line);
    if (!session || !wants(session)) return line;
    const redacted = redactor.redact(Buffer.from(`${line}\n`));
    if (Object.keys(redacted.found).length === 0) return line;
    found.set(session, addTallies(found.get(session) ?? {}, redacted.found));
    return Buffer.from(redacted.block).toString('utf8').slice(0, -1);
  });
  return { text: lines.join('\n'), found };
}

function sessionOf(line: string): Pick<CatalogLine, 'harness' | 'session'> | undefined {
  try {
    const { harness, session } = JSON.parse(line) as CatalogLine;
    return typeof harness === 'string' && typeof session === 'string' ? { harness, session } : undefined;
  } catch {
    return undefined; // another program's line
  }
}

import { CairnError } from '../errors.ts';
import { decodeName, encodeName, parseSessionKey, type SessionAddress, sessionsBeginning } from '../store/keys.ts';
import type { BucketStore, ObjectInfo, RequestOptions } from '../store/types.ts';
import { readCatalog } from './catalog.ts';
import { storedHarnesses } from './inventory.ts';
import { arrange, entriesOf, type SessionListing } from './listing.ts';

const shortest = 4;
const candidatesShown = 10;

/**
 * The session that `wanted` names, and what lies in the bucket of it: an id, a unique beginning of one
 * (at least four characters), its title, or any of them behind `harness/`. One LIST of the harnesses, unless
 * it is given, and one LIST a harness: the catalog is needed for titles alone.
 * @throws CairnError `usage`, `not-found`, `ambiguous`
 */
export async function resolveSession(
  store: BucketStore,
  project: string,
  wanted: string,
  options?: RequestOptions,
): Promise<SessionListing> {
  const { harness, id } = parseWanted(wanted);
  const harnesses = harness === undefined ? await storedHarnesses(store, project, options) : [harness];
  const found = (await Promise.all(harnesses.map((name) => beginning(store, project, name, id, options)))).flat();
  const exact = found.filter(({ address }) => address.session === id);
  const begun = exact.length > 0 ? exact : id.length >= shortest ? found : [];
  const wants = { id, ...(harness && { harness }) };
  const { hits, problems } =
    begun.length > 0 ? { hits: begun, problems: [] } : await named(store, project, wants, options);
  const [hit] = hits;
  if (!hit) {
    const [problem] = problems; // its title may stand where nothing can be read
    throw new CairnError(
      'not-found',
      `expected a session that is, begins with or is named ${JSON.stringify(id)}, found none`,
      {
        hint: problem ?? `give its whole name, or at least ${shortest} characters of an id of \`cairn session list\``,
      },
    );
  }
  if (hits.length > 1) {
    const names = hits.slice(0, candidatesShown).map(({ address }) => `${address.harness}/${address.session}`);
    throw new CairnError(
      'ambiguous',
      `expected one session that begins with or is named ${JSON.stringify(id)}, found ${names.join(', ')}${hits.length > candidatesShown ? ', …' : ''}`,
      { hint: 'give more of the id, or harness/id' },
    );
  }
  return arrange(store, hit.address, hit.entries);
}

/** @throws CairnError `usage` for what looks like a path or holds what no id holds */
export function parseWanted(wanted: string): { readonly harness?: string; readonly id: string } {
  const parts = wanted.normalize('NFC').split('/');
  const id = parts.pop() ?? '';
  const [harness] = parts;
  const odd = parts.length > 1 || [id, ...parts].some((part) => /^\.{0,2}$|[\\\p{C}]/u.test(part));
  if (odd) {
    throw new CairnError('usage', `expected a session as id or harness/id, got ${JSON.stringify(wanted)}`, {
      hint: '`cairn session list` shows the ids',
    });
  }
  return harness === undefined ? { id } : { harness, id };
}

/** Sessions that have this title, as the catalog knows them; letters' case does not matter. */
async function named(
  store: BucketStore,
  project: string,
  name: { readonly harness?: string; readonly id: string },
  options?: RequestOptions,
): Promise<{ readonly hits: readonly Candidate[]; readonly problems: readonly string[] }> {
  const title = name.id.toLowerCase();
  const { lines, problems } = await readCatalog(store, project, options);
  const found = lines.filter(
    (line) => line.title?.normalize('NFC').toLowerCase() === title && (name.harness ?? line.harness) === line.harness,
  );
  const hits = await Promise.all(
    found.slice(0, candidatesShown + 1).map(async ({ harness, session }) => {
      const address = { project, harness, session };
      return { address, entries: await entriesOf(store, address, options) };
    }),
  );
  return { hits, problems };
}

interface Candidate {
  readonly address: SessionAddress;
  readonly entries: ObjectInfo[];
}

/** Sessions of a harness whose id begins so, with their objects. Stops where there are more than can be shown. */
async function beginning(
  store: BucketStore,
  project: string,
  harness: string,
  id: string,
  options?: RequestOptions,
): Promise<Candidate[]> {
  const byFolder = new Map<string, ObjectInfo[]>();
  const whole = encodeName(id);
  let cut = false;
  for await (const entry of store.list(sessionsBeginning(project, harness, id), options)) {
    const folder = 'key' in entry ? parseSessionKey(project, entry.key)?.session : undefined;
    if (folder === undefined || !('key' in entry)) continue;
    const entries = byFolder.get(folder);
    if (entries) entries.push(entry);
    else if (byFolder.size <= candidatesShown) byFolder.set(folder, [entry]);
    else {
      cut = true;
      break;
    }
  }
  if (cut && !byFolder.has(whole)) {
    const exact = await entriesOf(store, { project, harness, session: id }, options);
    if (exact.length > 0) byFolder.set(whole, exact);
  }
  return [...byFolder].flatMap(([folder, entries]) => {
    const session = folder === whole ? id : decodeName(folder);
    return session === undefined ? [] : [{ address: { project, harness, session }, entries }];
  });
}

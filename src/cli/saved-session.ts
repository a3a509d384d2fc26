import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type App, openApp } from '../app.ts';
import { CairnError } from '../errors.ts';
import { readArchive } from '../export/archive.ts';
import { copyObjects } from '../export/copy.ts';
import { readMeta } from '../sessions/meta-reader.ts';

/**
 * Hands the session of an archive to `use`, in a bucket that is there as long as that takes. All of it is proven first.
 * @throws CairnError `corrupt` for a file that holds something else, `ambiguous` where it holds several sessions
 */
export async function withSaved<T>(
  app: App,
  file: string,
  signal: AbortSignal,
  use: (saved: App, id: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-saved-'));
  try {
    // What this host notes of that bucket goes with it.
    const host = { ...app.host, env: { ...app.host.env, XDG_STATE_HOME: join(folder, 'state') } };
    const bucket = pathToFileURL(join(folder, 'bucket')).href;
    const saved = await openApp({ bucket, project: app.project }, host);
    try {
      const found: { harness: string; session: string }[] = [];
      const target = { store: saved.bucket, project: saved.project, reopens: false, signal };
      for await (const { session, refused, conflicts } of copyObjects(readArchive(file), target)) {
        if (refused.length + conflicts.length > 0) throw corrupt(file, [...refused, ...conflicts][0] ?? '');
        if (session) found.push(session);
      }
      return await use(saved, await chosen(saved, file, found));
    } finally {
      await saved.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The session that no other one of the file departs from or belongs below. */
async function chosen(
  saved: App,
  file: string,
  found: readonly { readonly harness: string; readonly session: string }[],
): Promise<string> {
  const below = new Set<string>();
  for (const { harness, session } of found) {
    const meta = await readMeta(saved.store, { project: saved.project, harness, session });
    for (const link of meta?.summary.lineage ?? []) {
      below.add(link.kind === 'parent' ? `${harness}/${session}` : `${harness}/${link.session}`);
    }
  }
  const ids = found.map(({ harness, session }) => `${harness}/${session}`);
  const [id, ...more] = ids.filter((one) => !below.has(one));
  if (id !== undefined && more.length === 0) return id;
  if (ids.length === 0) throw corrupt(file, 'no session');
  throw new CairnError('ambiguous', `expected one session in ${file}, found ${ids.slice(0, 10).join(', ')}`, {
    hint: '`cairn session import` takes them into the bucket; then give the id of one',
  });
}

function corrupt(file: string, got: string): CairnError {
  return new CairnError('corrupt', `expected an archive of a session in ${file}, got ${got}`, {
    hint: '`cairn session export ID --format cairn -o FILE` writes one; nothing was changed',
  });
}

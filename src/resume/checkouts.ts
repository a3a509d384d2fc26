import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Repository } from '../harness/index.ts';

/** Where checkouts of a repository are looked for. */
export interface Neighbourhood {
  readonly home: string;
  /** Where the user stands. */
  readonly cwd: string;
  repositoryOf(folder: string): Promise<Repository | undefined>;
  /** Folders of this host in which sessions of the repository ran. */
  foldersOf(repository: string): Promise<readonly string[]>;
}

/**
 * The checkouts of a repository that this host is known to have: where its sessions ran, at the place that the
 * recorded folder would have below this home or beside the user, and their worktrees. Nothing is searched.
 */
export async function findCheckouts(
  near: Neighbourhood,
  repository: string,
  recorded: string | undefined,
): Promise<readonly string[]> {
  const names = new Set([basename(recorded ?? repository), basename(repository)]);
  const below = /^(?:\/home|\/Users)\/[^/]+\/(.+)$/.exec(recorded ?? '')?.[1];
  const places = [
    ...(await near.foldersOf(repository)),
    ...(below === undefined ? [] : [join(near.home, below)]),
    ...[near.cwd, dirname(near.cwd), near.home].flatMap((folder) => [...names].map((name) => join(folder, name))),
  ];
  const found = new Set<string>();
  for (const place of places) {
    const checkout = await near.repositoryOf(place);
    if (checkout?.name !== repository || found.has(checkout.root)) continue;
    found.add(checkout.root);
    for (const root of await worktreesOf(checkout.root)) {
      if ((await near.repositoryOf(root))?.name === repository) found.add(root);
    }
  }
  return [...found];
}

/** As git's own files name them; of a checkout that is one itself, none. */
async function worktreesOf(root: string): Promise<readonly string[]> {
  const folder = join(root, '.git/worktrees');
  const names = await readdir(folder).catch(() => []);
  const files = names.map((name) => readFile(join(folder, name, 'gitdir'), 'utf8').catch(() => ''));
  return (await Promise.all(files)).flatMap((text) => (text.trim() === '' ? [] : [dirname(text.trim())]));
}

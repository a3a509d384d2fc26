import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { CairnError } from '../errors.ts';
import { findCheckouts, type Neighbourhood } from './checkouts.ts';
import type { SourceSession } from './source.ts';

/** Where the agent will work, and why there. */
export interface Workplace {
  readonly cwd: string;
  readonly why: 'given' | 'chosen' | 'recorded' | 'repository' | 'here';
}

/** The folder in which the session began, as its records have it. */
export function recordedCwd({ streams }: SourceSession): string | undefined {
  const main = streams.find(({ address }) => address.stream === 'main') ?? streams[0];
  return main?.summary.cwd;
}

/** A folder that only a person can choose. */
export interface FolderQuestion {
  readonly repository: string;
  readonly checkouts: readonly string[];
  readonly here: string;
}

export interface Here extends Neighbourhood {
  /** Absent where nobody can be asked. */
  readonly askFolder?: ((question: FolderQuestion) => Promise<string>) | undefined;
}

/**
 * `given`, taken from where the user stands, else as `findWorkplace`; without links.
 * @throws CairnError `usage`, `ambiguous` where a person has to choose and cannot be asked
 */
export async function chooseWorkplace(
  here: Here,
  given: string | undefined,
  session: SourceSession,
): Promise<Workplace> {
  const { cwd, why }: Workplace =
    given === undefined ? await findWorkplace(session, here) : { cwd: resolve(here.cwd, given), why: 'given' };
  try {
    return { cwd: await realpath(cwd), why };
  } catch (cause) {
    throw new CairnError('usage', `expected a folder to work in, got ${cwd}`, {
      cause,
      hint: 'make it first, or give another by --cwd',
    });
  }
}

/**
 * The recorded folder where this host has it, in the same repository; else the checkout of that repository in which
 * the user stands; else the one that a person chooses of those known here; else the folder in which the user stands.
 */
async function findWorkplace(session: SourceSession, near: Here): Promise<Workplace> {
  const { cwd: here, repositoryOf, askFolder } = near;
  const recorded = recordedCwd(session);
  const wanted = session.meta?.summary.repository ?? session.streams[0]?.last.context?.repository;
  const sameRepository = async (folder: string) =>
    wanted === undefined || (await repositoryOf(folder))?.name === wanted;
  if (recorded !== undefined && (await isFolder(recorded)) && (await sameRepository(recorded))) {
    return { cwd: recorded, why: 'recorded' };
  }
  const checkout = wanted === undefined ? undefined : await repositoryOf(here);
  if (checkout?.name === wanted && checkout !== undefined) return { cwd: checkout.root, why: 'repository' };
  const checkouts = wanted === undefined ? [] : await findCheckouts(near, wanted, recorded);
  if (wanted === undefined || checkouts.length === 0) return { cwd: here, why: 'here' };
  if (askFolder) return { cwd: await askFolder({ repository: wanted, checkouts, here }), why: 'chosen' };
  throw new CairnError('ambiguous', `expected a folder for ${wanted}, found ${checkouts.join(', ')}`, {
    hint: 'give one by --cwd; `--cwd .` stays here',
  });
}

async function isFolder(path: string): Promise<boolean> {
  return isAbsolute(path) && (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

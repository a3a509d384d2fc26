import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { CairnError } from '../errors.ts';
import type { Repository } from '../harness/index.ts';
import type { SourceSession } from './source.ts';

/** Where the agent will work, and why there. */
export interface Workplace {
  readonly cwd: string;
  readonly why: 'given' | 'recorded' | 'repository' | 'here';
}

/** The folder in which the session began, as its records have it. */
export function recordedCwd({ streams }: SourceSession): string | undefined {
  const main = streams.find(({ address }) => address.stream === 'main') ?? streams[0];
  return main?.summary.cwd;
}

interface Here {
  readonly cwd: string;
  repositoryOf(folder: string): Promise<Repository | undefined>;
}

/** `given`, taken from where the user stands, else as `findWorkplace`; without links. @throws CairnError `usage` */
export async function chooseWorkplace(
  here: Here,
  given: string | undefined,
  session: SourceSession,
): Promise<Workplace> {
  const { cwd, why }: Workplace =
    given === undefined
      ? await findWorkplace(session, here.cwd, here.repositoryOf)
      : { cwd: resolve(here.cwd, given), why: 'given' };
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
 * the user stands; else the folder in which the user stands.
 */
async function findWorkplace(
  session: SourceSession,
  here: string,
  repositoryOf: (folder: string) => Promise<Repository | undefined>,
): Promise<Workplace> {
  const recorded = recordedCwd(session);
  const wanted = session.meta?.summary.repository ?? session.streams[0]?.last.context?.repository;
  const sameRepository = async (folder: string) =>
    wanted === undefined || (await repositoryOf(folder))?.name === wanted;
  if (recorded !== undefined && (await isFolder(recorded)) && (await sameRepository(recorded))) {
    return { cwd: recorded, why: 'recorded' };
  }
  const checkout = wanted === undefined ? undefined : await repositoryOf(here);
  if (checkout?.name === wanted && checkout !== undefined) return { cwd: checkout.root, why: 'repository' };
  return { cwd: here, why: 'here' };
}

async function isFolder(path: string): Promise<boolean> {
  return isAbsolute(path) && (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

import { type App, harnessOf, openState } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { Harness } from '../harness/types.ts';
import { sourceKey } from '../mirror/source-key.ts';
import { prepareConversion as convert, type PreparedConversion } from '../resume/convert.ts';
import { type PreparedImport, prepareImport } from '../resume/import.ts';
import {
  type PreparedResume,
  prepareResume as prepare,
  type ResumeChoices,
  type ResumeHost,
} from '../resume/prepare.ts';
import type { Here } from '../resume/target.ts';
import { openKey } from '../secrets.ts';
import { splitAgent } from '../sessions/agents.ts';
import { readCatalog } from '../sessions/catalog.ts';
import { resolveSession } from '../sessions/resolve.ts';

/** A resume of a session of the bucket, ready to be carried out: by files, or by the agent's own import. @throws CairnError */
export async function prepareResume(
  app: App,
  { id: wanted, saved, ...given }: ResumeChoices & { readonly id: string; readonly saved?: boolean },
  askFolder?: Here['askFolder'],
): Promise<PreparedResume | PreparedImport> {
  const { session: id, agent } = splitAgent(wanted);
  const choices = { ...given, ...(agent !== undefined && { agent }) };
  const { listing, harness } = await sessionInBucket(app, id, choices.signal);
  const { state, ...place } = await resumeHost(app, harness, askFolder);
  // A file is no bucket that the mirror of this host ships to.
  const host = saved || !state ? place : { ...place, state };
  const { importing } = harness;
  return importing
    ? prepareImport(host, harness, importing, listing, choices)
    : prepare(host, harness, listing, choices);
}

/** The same in another agent, by its name. @throws CairnError */
export async function prepareConversion(
  app: App,
  { id: wanted, target, ...given }: ResumeChoices & { readonly id: string; readonly target: string },
  askFolder?: Here['askFolder'],
): Promise<PreparedConversion> {
  const other = harnessOf(app, target);
  const { session: id, agent } = splitAgent(wanted);
  const choices = { ...given, ...(agent !== undefined && { agent }) };
  const { listing, harness } = await sessionInBucket(app, id, choices.signal);
  return convert(await resumeHost(app, other, askFolder), harness, listing, other, choices);
}

/** A session of the bucket and its harness. @throws CairnError `usage`, `not-found`, `ambiguous` */
export async function sessionInBucket(app: App, id: string, signal?: AbortSignal) {
  const listing = await resolveSession(app.store, app.project, id, signal && { signal });
  return { listing, harness: harnessOf(app, listing.address.harness) };
}

async function resumeHost(app: App, harness: Harness, askFolder: Here['askFolder']): Promise<ResumeHost> {
  const { store, runtime, host, environment, project } = app;
  const [root] = harness.roots(environment);
  if (root === undefined) {
    throw new CairnError('unfit', `expected ${harness.title} to have a folder on this host, it has none`);
  }
  const key = sourceKey(await openKey(app));
  const { cwd, env } = host;
  const foldersOf = async (repository: string) => {
    const { lines } = await readCatalog(store, project);
    const here = lines.filter((line) => line.host === host.machine && line.repository === repository);
    return [
      ...new Set(
        here.flatMap((line) => (line.cwd === undefined ? [] : [line.cwd.replace(/^~(?=[/\\]|$)/, host.home)])),
      ),
    ];
  };
  const near = {
    cwd,
    home: host.home,
    repositoryOf: (folder: string) => app.repositoryOf(folder),
    foldersOf,
    askFolder,
  };
  return { store, runtime, root, key, state: await openState(app), env, ...near };
}

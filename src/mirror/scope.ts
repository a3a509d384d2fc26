import { CairnError } from '../errors.ts';
import type { Harness, SessionKind, SessionRef } from '../harness/types.ts';
import type { Consent } from './consent.ts';

/** Which sessions of this host a run is for. */
export interface MirrorScope {
  readonly harnesses: readonly Harness[];
  /** Every session; without any other wish, those of the repository of `cwd`. */
  readonly all?: boolean;
  /** Id, or a unique beginning of one. */
  readonly session?: string;
  /** The newest so many, of all that the other wishes leave. */
  readonly latest?: number;
  /** Touched since, milliseconds since 1970. */
  readonly since?: number;
  readonly cwd?: string;
  /** Only sessions of these kinds. */
  readonly kinds?: readonly SessionKind[];
  /** Opens one pass over sessions: those without consent are left alone, whatever else is wished. */
  readonly consent?: () => Consent;
}

/** Whether nothing that the host has is left out but for other agents: what is missing is gone then. */
export function isForAll({ all, session, since, latest, kinds }: MirrorScope): boolean {
  return all === true && [session, since, latest, kinds].every((wish) => wish === undefined);
}

/** A session on this host and where it was found. */
export interface Found {
  readonly harness: Harness;
  readonly root: string;
  readonly ref: SessionRef;
}

/**
 * Leaves out the sessions that are to stay on this host.
 * @param report a file that should say so cannot be understood: its sessions stay
 */
export async function withConsent(
  found: readonly Found[],
  { consent }: Pick<MirrorScope, 'consent'>,
  report: (problem: { readonly harness: string; readonly path: string; readonly cause: unknown }) => void,
): Promise<readonly Found[]> {
  if (!consent) return found;
  const allows = consent();
  const kept: Found[] = [];
  const broken = new Set<string>();
  for (const one of found) {
    const { cwd } = one.ref;
    try {
      if (await allows(cwd)) kept.push(one);
    } catch (cause) {
      const path = cwd ?? one.root;
      if (!broken.has(path)) report({ harness: one.ref.harness, path, cause });
      broken.add(path);
    }
  }
  return kept;
}

/**
 * The sessions in scope, bases still before what departs from them, and the bases of what was chosen.
 * @throws CairnError `ambiguous`, `not-found`
 */
export async function selectSessions(
  found: readonly Found[],
  scope: MirrorScope,
  repositoryOf: (cwd: string) => Promise<string | undefined>,
): Promise<Found[]> {
  let chosen = scope.session === undefined ? [...found] : [oneSession(found, scope.session)];
  const { since, cwd, latest, kinds } = scope;
  // A session that does not say what it is was most likely a person's.
  if (kinds !== undefined) chosen = chosen.filter(({ ref }) => kinds.includes(ref.sessionKind ?? 'interactive'));
  if (since !== undefined) chosen = chosen.filter(({ ref }) => ref.modified >= since);
  if (!scope.all && scope.session === undefined && cwd !== undefined) {
    const inHere = await belongsTo(cwd, repositoryOf);
    const kept = await Promise.all(chosen.map(({ ref }) => inHere(ref.cwd)));
    chosen = chosen.filter((_, i) => kept[i]);
  }
  if (latest !== undefined) {
    chosen = [...chosen].sort((a, b) => b.ref.modified - a.ref.modified).slice(0, latest);
  }
  return withBases(found, chosen);
}

function oneSession(found: readonly Found[], wanted: string): Found {
  const exact = found.filter(({ ref }) => ref.id === wanted);
  const hits = exact.length > 0 ? exact : found.filter(({ ref }) => wanted.length >= 4 && ref.id.startsWith(wanted));
  const [first] = hits;
  if (!first) {
    throw new CairnError(
      'not-found',
      `expected a session of this host whose id is or begins with ${JSON.stringify(wanted)}, found none`,
      {
        hint: 'give at least four characters; `cairn session mirror --all --dry-run` names the sessions of this host',
      },
    );
  }
  if (hits.length > 1) {
    const ids = hits.slice(0, 5).map(({ ref }) => `${ref.harness}/${ref.id}`);
    throw new CairnError(
      'ambiguous',
      `expected one session that begins with ${wanted}, found ${hits.length}: ${ids.join(', ')}`,
      {
        hint: 'give more of the id',
      },
    );
  }
  return first;
}

/** The same repository, or without one the folder itself and what is below it. */
async function belongsTo(
  cwd: string,
  repositoryOf: (cwd: string) => Promise<string | undefined>,
): Promise<(cwd: string | undefined) => Promise<boolean>> {
  const here = await repositoryOf(cwd);
  return async (other) => {
    if (other === undefined) return false;
    if (other === cwd || other.startsWith(cwd.endsWith('/') ? cwd : `${cwd}/`)) return true;
    return here !== undefined && (await repositoryOf(other)) === here;
  };
}

function withBases(found: readonly Found[], chosen: readonly Found[]): Found[] {
  const byId = new Map(found.map((f) => [`${f.ref.harness}/${f.ref.id}`, f]));
  const wanted = new Set<Found>();
  const add = (f: Found) => {
    if (wanted.has(f)) return;
    wanted.add(f);
    for (const { kind, session } of f.ref.lineage) {
      const base = kind === 'base' ? byId.get(`${f.ref.harness}/${session}`) : undefined;
      if (base) add(base);
    }
  };
  for (const f of chosen) add(f);
  return found.filter((f) => wanted.has(f));
}

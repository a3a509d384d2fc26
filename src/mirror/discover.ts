import type { Harness, HarnessEnvironment } from '../harness/types.ts';
import type { Found } from './scope.ts';

export interface DiscoverRun {
  readonly harnesses: readonly Harness[];
  readonly environment: HarnessEnvironment;
  /** Side files kept only on request. */
  readonly extras: boolean;
  /** Whether a folder can be looked into: while it can, a session that is not in it is gone. */
  exists(path: string): Promise<boolean>;
  /** The kinds of the sessions are wanted. */
  readonly kinds?: boolean;
  /** What an earlier run knows of a session's working directory. */
  cwdOf?(harness: string, session: string): string | undefined;
  /** Something that should be readable is not. */
  report(problem: { readonly harness: string; readonly path: string; readonly cause: unknown }): void;
}

/** Every session of these harnesses on this host; `seen` are the roots that were looked into wholly. */
export async function discoverSessions(run: DiscoverRun): Promise<{ found: Found[]; seen: ReadonlySet<string> }> {
  const found: Found[] = [];
  const seen = new Set<string>();
  for (const harness of run.harnesses) {
    for (const root of harness.roots(run.environment)) {
      const here = await discoverRoot(run, harness, root);
      for (const one of here.found) found.push(one);
      if (here.whole) seen.add(root);
    }
  }
  return { found, seen };
}

/** The sessions below one root; `whole` when all of it could be looked into. */
export async function discoverRoot(
  run: Omit<DiscoverRun, 'harnesses' | 'environment'>,
  harness: Harness,
  root: string,
): Promise<{ found: Found[]; whole: boolean }> {
  const found: Found[] = [];
  let whole = await run.exists(root);
  const report = (problem: { readonly path: string; readonly cause: unknown }) => {
    whole = false;
    run.report({ harness: harness.name, ...problem });
  };
  const cwdOf = (id: string) => run.cwdOf?.(harness.name, id);
  for await (const ref of harness.discover(root, { report, extras: run.extras, cwdOf, kinds: run.kinds ?? false }))
    found.push({ harness, root, ref });
  return { found, whole };
}

import type { Harness, HarnessEnvironment } from '../harness/types.ts';
import type { Found } from './scope.ts';

export interface DiscoverRun {
  readonly harnesses: readonly Harness[];
  readonly environment: HarnessEnvironment;
  /** Side files kept only on request. */
  readonly extras: boolean;
  /** Whether a folder can be looked into: while it can, a session that is not in it is gone. */
  exists(path: string): Promise<boolean>;
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
      if (await run.exists(root)) seen.add(root);
      const report = (problem: { readonly path: string; readonly cause: unknown }) => {
        seen.delete(root);
        run.report({ harness: harness.name, ...problem });
      };
      for await (const ref of harness.discover(root, {
        report,
        extras: run.extras,
        cwdOf: (id) => run.cwdOf?.(harness.name, id),
      }))
        found.push({ harness, root, ref });
    }
  }
  return { found, seen };
}

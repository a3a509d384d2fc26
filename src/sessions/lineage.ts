import type { CatalogLine } from '../mirror/meta.ts';

/** A session as others name it in their lineage. */
export function sessionId({ harness, session }: Pick<CatalogLine, 'harness' | 'session'>): string {
  return `${harness}/${session}`;
}

/** Who needs whom, among the sessions of a project. */
export interface Dependencies {
  /** The sessions that this one's records continue, hang from or were copied from, nearest first, of all ranks. */
  dependsOn(id: string): ReadonlySet<string>;
  /** The sessions that name this one in their lineage, of all ranks. */
  dependents(id: string): ReadonlySet<string>;
}

/** Reads the dependencies off the catalog: whatever is about to be removed asks here first. */
export function dependenciesOf(lines: readonly CatalogLine[]): Dependencies {
  const down = new Map<string, string[]>();
  const up = new Map<string, string[]>();
  for (const line of lines) {
    const id = sessionId(line);
    for (const { session } of line.lineage ?? []) {
      const other = sessionId({ harness: line.harness, session });
      if (other === id) continue;
      down.set(id, [...(down.get(id) ?? []), other]);
      up.set(other, [...(up.get(other) ?? []), id]);
    }
  }
  return { dependsOn: (id) => reach(down, id), dependents: (id) => reach(up, id) };
}

function reach(links: ReadonlyMap<string, readonly string[]>, from: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const left = [...(links.get(from) ?? [])];
  for (let id = left.shift(); id !== undefined; id = left.shift()) {
    if (id === from || reached.has(id)) continue;
    reached.add(id);
    for (const other of links.get(id) ?? []) left.push(other);
  }
  return reached;
}

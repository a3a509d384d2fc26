import type { CatalogLine } from '../mirror/meta.ts';

/** How a session stands to the one above it; `parent`: it is a sub-agent of it. */
export type Relation = 'root' | 'fork' | 'continues' | 'parent';

/** A session with what departs from it. */
export interface SessionTree {
  readonly line: CatalogLine;
  readonly relation: Relation;
  /** Where in the session above, as the harness names it. */
  readonly at?: string | number;
  readonly children: readonly SessionTree[];
}

/**
 * The tree that a session belongs to, from its oldest known ancestor: forks, continuations and sub-agents with sessions
 * of their own, over all hosts. What points at itself in a circle is cut there.
 */
export function treeOf(
  lines: readonly CatalogLine[],
  wanted: Pick<CatalogLine, 'harness' | 'session'>,
): SessionTree | undefined {
  const own = lines.filter(({ harness }) => harness === wanted.harness);
  const byId = new Map(own.map((line) => [line.session, line]));
  const seen = new Set<string>();
  let root = byId.get(wanted.session);
  for (
    let above = root && aboveOf(root, byId);
    root && above && !seen.has(above.line.session);
    above = aboveOf(root, byId)
  ) {
    seen.add(root.session);
    root = above.line;
  }
  if (!root) return undefined;
  const placed = new Set([root.session]);
  const grow = (line: CatalogLine, relation: Relation, at?: string | number): SessionTree => {
    const children = own.flatMap((other) => {
      const above = placed.has(other.session) ? undefined : aboveOf(other, byId);
      return above?.line.session === line.session ? [{ other, ...above }] : [];
    });
    for (const { other } of children) placed.add(other.session);
    children.sort((a, b) => ((a.other.startedAt ?? '') < (b.other.startedAt ?? '') ? -1 : 1));
    return {
      line,
      relation,
      ...(at !== undefined && { at }),
      children: children.map((child) => grow(child.other, child.relation, child.at)),
    };
  };
  return grow(root, 'root');
}

interface Above {
  readonly line: CatalogLine;
  readonly relation: Relation;
  readonly at?: string | number;
}

function aboveOf(line: CatalogLine, byId: ReadonlyMap<string, CatalogLine>): Above | undefined {
  const strength = ['fork', 'base', 'continues', 'parent'];
  const links = [...(line.lineage ?? [])].sort((a, b) => strength.indexOf(a.kind) - strength.indexOf(b.kind));
  for (const { kind, session, at } of links) {
    const above = byId.get(session);
    if (above && above !== line) {
      return { line: above, relation: kind === 'base' ? 'fork' : kind, ...(at !== undefined && { at }) };
    }
  }
  return undefined;
}

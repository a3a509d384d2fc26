import { drift } from '../harness/index.ts';
import type { Harness } from '../harness/types.ts';
import type { CatalogLine } from '../mirror/meta.ts';

export type SortOrder = 'recent' | 'size' | 'turns' | 'age';

/** Which sessions a list shows. Texts are compared without case; `repo` and `host` may be parts of the name. */
export interface ListFilter {
  readonly harness?: readonly string[];
  readonly repo?: string;
  /** Touched since, milliseconds since 1970. */
  readonly since?: number;
  readonly host?: string;
  readonly agent?: string;
  readonly state?: CatalogLine['state'];
  /** A model that answered, or a part of its name. */
  readonly model?: string;
  readonly minTurns?: number;
  /** Default `recent`. */
  readonly sort?: SortOrder;
  readonly limit?: number;
}

/** When something last happened in a session, milliseconds since 1970: by its records, else by its mirror. */
export function touchedAt(line: CatalogLine): number {
  const at = Date.parse(line.endedAt ?? '');
  return Number.isNaN(at) ? Date.parse(line.updatedAt) || 0 : at;
}

function startedAt(line: CatalogLine): number {
  return Date.parse(line.startedAt ?? '') || touchedAt(line);
}

const orders: Readonly<Record<SortOrder, (a: CatalogLine, b: CatalogLine) => number>> = {
  recent: (a, b) => touchedAt(b) - touchedAt(a),
  size: (a, b) => b.bytes - a.bytes,
  turns: (a, b) => b.turns - a.turns,
  age: (a, b) => startedAt(a) - startedAt(b),
};

/** Filters, sorts and cuts; equal sessions stand in the order of their ids, so a list is the same each time. */
export function selectLines(lines: readonly CatalogLine[], filter: ListFilter): CatalogLine[] {
  const { harness, repo, since, host, agent, state, model, minTurns = 0, sort = 'recent', limit } = filter;
  const has = (text: string | undefined, part: string | undefined) =>
    part === undefined || (text?.toLowerCase().includes(part.toLowerCase()) ?? false);
  return lines
    .filter(
      (line) =>
        (harness === undefined || harness.includes(line.harness)) &&
        has(line.repository ?? line.cwd, repo) &&
        has(line.host, host) &&
        has(line.agent, agent) &&
        (state === undefined || line.state === state) &&
        (model === undefined || (line.models?.some((name) => has(name, model)) ?? false)) &&
        line.turns >= minTurns &&
        (since === undefined || touchedAt(line) >= since),
    )
    .sort((a, b) => orders[sort](a, b) || (`${a.harness}/${a.session}` < `${b.harness}/${b.session}` ? -1 : 1))
    .slice(0, limit);
}

/** What of the newest session of each agent this program was not built on, each once. */
export function driftOf(lines: readonly CatalogLine[], harnesses: readonly Harness[]): readonly string[] {
  return harnesses.flatMap((harness) => {
    const own = lines.filter((line) => line.harness === harness.name);
    const signs = own.flatMap((line) => drift(line, harness).map((sign) => [sign.kind, sign] as const));
    return [...new Map([...signs].reverse()).values()].map(({ found, hint }) => `${found}: ${hint}`);
  });
}

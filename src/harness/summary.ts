import type { Lineage, RecordView, SessionSummary } from './types.ts';

const maxModels = 16;
const maxLinks = 16;
const maxText = 120;
const maxField = 1024;

/** The summary of a session of which nothing was read. */
export const emptySummary: SessionSummary = { turns: 0, records: 0, invalid: 0, unknown: 0 };

/** A property of a value of unknown shape, `undefined` where it is no object or has none of its own. */
export function field(value: unknown, ...names: readonly string[]): unknown {
  let found = value;
  for (const name of names) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** A property that is a string of 1 to 1,024 characters, else `undefined`. */
export function stringField(value: unknown, ...names: readonly string[]): string | undefined {
  const found = field(value, ...names);
  return typeof found === 'string' && found.length > 0 && found.length <= maxField ? found : undefined;
}

/** An object with the field, or with none where the value is absent. */
export function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [N in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [N in Name]: Value });
}

/** What every record of a transcript adds; `known` is whether this harness knows its type. */
export function counted(summary: SessionSummary, { value }: RecordView, known: boolean): SessionSummary {
  // Runs for every record of every session: one copy and no more.
  const next: { -readonly [Field in keyof SessionSummary]: SessionSummary[Field] } = { ...summary };
  next.records++;
  if (value === undefined) next.invalid++;
  else if (!known && value !== null) next.unknown++;
  const at = timestampOf(value);
  if (at !== undefined && (next.startedAt === undefined || at < next.startedAt)) next.startedAt = at;
  if (at !== undefined && (next.endedAt === undefined || at > next.endedAt)) next.endedAt = at;
  return next;
}

type SeenField = 'cwd' | 'branch' | 'commit' | 'repository' | 'agentVersion';

/** Fields as a record gives them, over what was known; an `undefined` one stays as it was. */
export function seen(summary: SessionSummary, fields: Partial<Record<SeenField, string | undefined>>): SessionSummary {
  let next = summary;
  for (const name of Object.keys(fields) as SeenField[]) {
    const value = fields[name];
    if (value !== undefined && value !== summary[name]) next = { ...next, [name]: value };
  }
  return next;
}

const strength = { prompt: 0, agent: 1, user: 2 } as const;

/** A title replaces a weaker one and one of its own kind, but the first prompt stays. */
export function titled(
  summary: SessionSummary,
  title: unknown,
  titleFrom: NonNullable<SessionSummary['titleFrom']>,
): SessionSummary {
  const text = typeof title === 'string' ? cut(title) : '';
  if (text === '') return summary;
  const known = summary.titleFrom;
  if (known !== undefined && (strength[known] > strength[titleFrom] || titleFrom === 'prompt')) return summary;
  return { ...summary, title: text, titleFrom };
}

export function withModel(summary: SessionSummary, model: string | undefined): SessionSummary {
  const models = summary.models ?? [];
  if (model === undefined || models.length >= maxModels || models.includes(model)) return summary;
  return { ...summary, models: [...models, model] };
}

/** Adds what is not known yet, up to 16 links. */
export function withLineage(summary: SessionSummary, links: readonly Lineage[]): SessionSummary {
  const lineage = joined(summary.lineage ?? [], links).slice(0, maxLinks);
  return lineage.length === (summary.lineage?.length ?? 0) ? summary : { ...summary, lineage };
}

/** Both lists, one link for each kind and session. */
export function joined(known: readonly Lineage[], links: readonly Lineage[]): readonly Lineage[] {
  const isNew = ({ kind, session }: Lineage) => !known.some((link) => link.kind === kind && link.session === session);
  return [...known, ...links.filter(isNew)];
}

/** One line of at most 120 characters, without half a character at its end. */
function cut(text: string): string {
  const line = text
    .slice(0, 8 * maxText)
    .replace(/\s+/g, ' ')
    .trim();
  const short = line.length <= maxText ? line : `${line.slice(0, maxText - 1).trimEnd()}…`;
  return short.replace(/[\ud800-\udbff](?=…?$)/, '');
}

function timestampOf(value: unknown): string | undefined {
  const at = field(value, 'timestamp');
  return typeof at === 'string' && at.length <= 30 && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(at) ? at : undefined;
}

import * as v from 'valibot';
import { addTallies } from './tally.ts';

const text = v.pipe(v.string(), v.maxLength(4096));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const tally = v.record(v.string(), count);

export const lineageSchema = v.object({
  kind: v.picklist(['base', 'fork', 'parent', 'continues']),
  session: text,
  at: v.exactOptional(v.union([text, v.number()])),
});

const summary = v.looseObject({
  title: v.exactOptional(text),
  titleFrom: v.exactOptional(v.picklist(['prompt', 'agent', 'user'])),
  cwd: v.exactOptional(text),
  branch: v.exactOptional(text),
  commit: v.exactOptional(text),
  repository: v.exactOptional(text),
  agentVersion: v.exactOptional(text),
  schema: v.exactOptional(text),
  sdkProject: v.exactOptional(text),
  models: v.exactOptional(v.pipe(v.array(text), v.readonly())),
  turns: count,
  records: count,
  invalid: count,
  unknown: count,
  startedAt: v.exactOptional(text),
  endedAt: v.exactOptional(text),
  lineage: v.exactOptional(v.pipe(v.array(lineageSchema), v.readonly())),
});

const streamMeta = v.object({
  epoch: count,
  parts: count,
  records: count,
  bytes: count,
  redactions: tally,
  images: v.exactOptional(count),
  event: v.exactOptional(v.picklist(['ended', 'gone'])),
});

/** `meta.json` of a session: a hint, overwritten by whoever mirrors it, rebuildable from the parts. */
export const metaSchema = v.looseObject({
  cairn: v.literal('meta'),
  v: v.literal(1),
  harness: text,
  session: text,
  state: v.picklist(['active', 'ended', 'gone']),
  summary,
  /** The epoch that is being written of each stream; counts are of that epoch. */
  streams: v.record(v.string(), streamMeta),
  /** Rule set of the newest part; `none` where redaction was switched off. */
  redactor: v.string(),
  /** When the newest part was made, by its writer's clock. */
  updatedAt: text,
  user: v.exactOptional(text),
  writer: v.looseObject({ mirror: text, host: text, agent: v.exactOptional(text), version: text }),
});

export type SessionMeta = Readonly<v.InferOutput<typeof metaSchema>>;

/** A line of a catalog: what a list shows of a session. */
export const catalogLineSchema = v.looseObject({
  harness: text,
  session: text,
  /** `pruned`: it was removed from the bucket on purpose; such a line is not listed. */
  state: v.picklist(['active', 'ended', 'gone', 'pruned']),
  host: text,
  mirror: text,
  user: v.exactOptional(text),
  agent: v.exactOptional(text),
  title: v.exactOptional(text),
  cwd: v.exactOptional(text),
  repository: v.exactOptional(text),
  branch: v.exactOptional(text),
  models: v.exactOptional(v.pipe(v.array(text), v.readonly())),
  agentVersion: v.exactOptional(text),
  schema: v.exactOptional(text),
  sdkProject: v.exactOptional(text),
  turns: count,
  records: count,
  bytes: count,
  /** Names of its streams are in meta; here only how many of them are sub-agents. */
  agents: count,
  unknown: count,
  redactions: count,
  startedAt: v.exactOptional(text),
  endedAt: v.exactOptional(text),
  updatedAt: text,
  lineage: v.exactOptional(v.pipe(v.array(lineageSchema), v.readonly())),
});

export type CatalogLine = Readonly<v.InferOutput<typeof catalogLineSchema>>;

/** The catalog's line of a session. */
export function catalogLine(meta: SessionMeta): CatalogLine {
  const streams = Object.entries(meta.streams);
  const {
    title,
    cwd,
    repository,
    branch,
    models,
    agentVersion,
    schema,
    sdkProject,
    startedAt,
    endedAt,
    lineage: lines,
  } = meta.summary;
  const sum = (of: (stream: SessionMeta['streams'][string]) => number) =>
    streams.reduce((total, [, stream]) => total + of(stream), 0);
  const redactions = streams.map(([, stream]) => stream.redactions).reduce(addTallies, {});
  return {
    harness: meta.harness,
    session: meta.session,
    state: meta.state,
    host: meta.writer.host,
    mirror: meta.writer.mirror,
    ...defined({
      user: meta.user,
      agent: meta.writer.agent,
      title,
      cwd,
      repository,
      branch,
      models,
      agentVersion,
      schema,
      sdkProject,
    }),
    turns: meta.summary.turns,
    records: sum((stream) => stream.records),
    bytes: sum((stream) => stream.bytes),
    agents: streams.filter(([name]) => name.startsWith('agent-')).length,
    unknown: meta.summary.unknown,
    redactions: Object.values(redactions).reduce((a, b) => a + b, 0),
    ...defined({ startedAt, endedAt }),
    updatedAt: meta.updatedAt,
    ...defined({ lineage: lines }),
  };
}

/** The same object without the fields that are absent. */
function defined<T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

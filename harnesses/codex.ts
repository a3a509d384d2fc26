import { basename, join } from 'node:path';
import {
  CairnError,
  counted,
  type DiscoverOptions,
  type FileRef,
  field,
  filesBelow,
  fileTailHarness,
  headOf,
  type Lineage,
  type RecordView,
  repositoryName,
  type SessionKind,
  type SessionSummary,
  Sessions,
  seen,
  stillFiles,
  stringField,
  tailOf,
  titled,
  withLineage,
  withModel,
} from '../src/harness/index.ts';
import { projector } from './codex/events.ts';
import { endsTurn, kindOf, known, metaOf, promptOf, unwrapped } from './codex/records.ts';
import { restoring } from './codex/restoring.ts';

const name = 'codex';

/** `rollout-<local time>-<thread>[_<rollout>].jsonl[.zst]`; the rollout id marks a later segment. */
const rolloutFile = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:_(.+))?\.jsonl(?:\.zst)?$/i;

/**
 * Codex keeps a thread as a rollout file below `sessions/YYYY/MM/DD/` or in `archived_sessions/`, some
 * compressed to `.jsonl.zst` (seen in 0.169.0). A thread is named by its first record, not by its
 * file; names given by people stand in `session_index.jsonl`. A sub-agent's thread carries the id of
 * its root as `session_id`. A fork has an id of its own, holds only what follows its base, and points
 * at it. `auth.json` and the databases are not read: they hold credentials and can be rebuilt.
 */
export const codex = fileTailHarness({
  name,
  title: 'Codex',
  seen: ['0.63.0', '0.169.0'],
  roots: ({ env, home }) => [env.CODEX_HOME || join(home, '.codex')],
  watched: (root) => ['sessions', 'archived_sessions', 'session_index.jsonl'].map((entry) => join(root, entry)),
  discover,
  summarise,
  restoring,
  projector,
  endsTurn,
  unwrapped,
  lasting,
});

/** What it puts before an output, and how it calls a sub-agent (0.169). */
function lasting(text: string, name: string): string {
  return name === 'nickname' ? '' : text.replace(/^(?:Chunk ID|Wall time): .*\n/gm, '');
}

/** What a rollout's first record says; the record itself holds instructions of many kilobytes. */
interface Rollout {
  readonly thread: string;
  /** The thread's own id, or its root's. */
  readonly session: string;
  readonly segment: string | undefined;
  readonly cwd: string | undefined;
  readonly kind: SessionKind | undefined;
  readonly lineage: readonly Lineage[];
}

const rollout = stillFiles(rolloutOf);

async function* discover(root: string, options: DiscoverOptions) {
  const rollouts: (Rollout & { readonly file: FileRef })[] = [];
  for (const folder of [join(root, 'sessions'), join(root, 'archived_sessions')]) {
    for (const file of filesBelow(folder, '', options.report)) {
      if (!/\.jsonl(\.zst)?$/.test(file.path)) continue;
      try {
        rollouts.push({ ...(await rollout(file)), file });
      } catch (cause) {
        options.report({ path: file.path, cause });
      }
    }
  }
  const sessions = new Sessions(name);
  const sessionOf = new Map(rollouts.map(({ thread, session }) => [thread, session]));
  for (const { file, thread, session, segment, cwd, kind, lineage } of rollouts) {
    const agent = thread === session ? undefined : `agent-${thread}`;
    const stream = segment === undefined ? (agent ?? 'main') : [agent, `segment-${segment}`].filter(Boolean).join('-');
    sessions.add(session, stream, [file]);
    if (agent === undefined)
      sessions.describe(session, { ...(cwd !== undefined && { cwd }), ...(kind && { sessionKind: kind }) });
    const bases = lineage.map((link) => ({ ...link, session: sessionOf.get(link.session) ?? link.session }));
    sessions.relate(session, bases);
  }
  const index = join(root, 'session_index.jsonl');
  try {
    for (const entry of await tailOf(index)) {
      const id = stringField(entry, 'id');
      const title = stringField(entry, 'thread_name');
      if (id !== undefined && title !== undefined) sessions.describe(id, { title });
    }
  } catch (cause) {
    if (!(cause instanceof CairnError && cause.code === 'not-found')) options.report({ path: index, cause });
  }
  yield* sessions.refs();
}

async function rolloutOf(file: FileRef): Promise<Rollout> {
  const [, named, segment] = rolloutFile.exec(basename(file.path)) ?? [];
  let first: unknown;
  for await (const record of headOf(file.path)) {
    first = record;
    break;
  }
  const meta = metaOf(first);
  const thread = stringField(meta, 'id') ?? named;
  if (thread === undefined) throw new CairnError('corrupt', 'Expected a thread id in the first record, got none');
  return {
    thread,
    session: stringField(meta, 'session_id') ?? thread,
    segment,
    cwd: stringField(meta, 'cwd'),
    kind: kindOf(meta),
    lineage: lineageOf(meta),
  };
}

/** Threads that this one departs from: `base` holds records that belong to it, `fork` and `parent` do not. */
function lineageOf(meta: unknown): readonly Lineage[] {
  const links: Lineage[] = [];
  const link = (kind: Lineage['kind'], session: string | undefined, at?: unknown) => {
    const self = session === stringField(meta, 'id') || session === stringField(meta, 'session_id');
    if (session !== undefined && !self)
      links.push({ kind, session, ...((typeof at === 'number' || typeof at === 'string') && { at }) });
  };
  link('base', stringField(meta, 'history_base', 'thread_id'), field(meta, 'history_base', 'end_ordinal_exclusive'));
  link('fork', stringField(meta, 'forked_from_id'), field(meta, 'forked_from_ordinal_exclusive'));
  link('parent', stringField(meta, 'parent_thread_id'));
  link('fork', stringField(meta, 'resumed_from', 'session'), field(meta, 'resumed_from', 'agent'));
  const converted = stringField(meta, 'converted_from', 'session');
  if (converted !== undefined) link('continues', `${stringField(meta, 'converted_from', 'harness')}/${converted}`);
  return links;
}

function summarise(summary: SessionSummary, record: RecordView): SessionSummary {
  const { stream, value } = record;
  const type = field(value, 'type');
  const meta = metaOf(value);
  const next = counted(summary, record, known.has(type) || meta !== undefined);
  const payload = field(value, 'payload');
  const modelled = type === 'turn_context' ? withModel(next, stringField(payload, 'model')) : next;
  if (stream.startsWith('agent-')) return modelled;
  if (meta !== undefined) return summariseMeta(modelled, meta);
  const prompt = type === 'event_msg' ? promptOf(payload) : undefined;
  return prompt === undefined ? modelled : titled({ ...modelled, turns: modelled.turns + 1 }, prompt, 'prompt');
}

function summariseMeta(summary: SessionSummary, meta: unknown): SessionSummary {
  const url = stringField(meta, 'git', 'repository_url');
  const next = seen(summary, {
    cwd: summary.cwd ?? stringField(meta, 'cwd'),
    agentVersion: stringField(meta, 'cli_version'),
    branch: stringField(meta, 'git', 'branch'),
    commit: stringField(meta, 'git', 'commit_hash'),
    repository: url === undefined ? undefined : repositoryName(url),
  });
  return withLineage(next, lineageOf(meta));
}

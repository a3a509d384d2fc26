import { CairnError } from '../errors.ts';
import type { Harness } from '../harness/types.ts';
import type { CatalogLine, SessionMeta } from '../mirror/meta.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import type { RecordEvent } from '../trajectory/events.ts';
import { readEvents } from './events.ts';
import { listSession, type SessionListing } from './listing.ts';
import { readMeta } from './meta-reader.ts';

/** A run of a sub-agent. Its id stays the same as long as its session does, however often it goes on. */
export interface AgentRun {
  readonly harness: string;
  /** The session that it belongs to; where it is a session of its own, its own id. */
  readonly session: string;
  /** `agent-<id>`; absent where it is a session of its own. */
  readonly agent?: string;
  /** Whose it is, where it is a session of its own. */
  readonly parent?: string;
  /** What it was asked. */
  readonly title?: string;
  readonly model?: string;
  readonly records?: number;
  readonly bytes?: number;
  readonly startedAt?: string;
  readonly state: 'open' | 'ended' | 'gone';
}

/** `ID/agent-…` as session and sub-agent; without one only the session. */
export function splitAgent(wanted: string): { readonly session: string; readonly agent?: string } {
  const [, session, agent] = /^(.+)\/(agent-[^/]*)$/.exec(wanted) ?? [];
  return session === undefined || agent === undefined ? { session: wanted } : { session, agent };
}

/** A sub-agent's streams: its transcript, then further segments of it. @throws CairnError `not-found`, `ambiguous` */
export function agentStreams(listing: SessionListing, wanted: string): readonly [string, ...string[]] {
  const names = [...listing.streams.keys()].filter((name) => name.startsWith('agent-'));
  const runs = [...new Set(names.map(runOf))];
  const hits = runs.includes(wanted) ? [wanted] : runs.filter((name) => name.startsWith(wanted));
  const [hit, ...more] = hits;
  if (hit !== undefined && more.length === 0) {
    return [hit, ...names.filter((name) => name !== hit && runOf(name) === hit)];
  }
  const hint = `there are ${(hits.length > 0 ? hits : runs).slice(0, 10).join(', ') || 'none'}`;
  throw hit === undefined
    ? new CairnError('not-found', `expected the sub-agent ${wanted} of ${listing.address.session}, found none`, {
        hint,
      })
    : new CairnError('ambiguous', `expected one sub-agent that begins with ${wanted}, found ${hits.length}`, { hint });
}

/** `agent-<id>` of a stream `agent-<id>[-segment-<id>]`. */
export function runOf(stream: string): string {
  return stream.replace(/-segment-.*$/, '');
}

/**
 * The sub-agents of these sessions: of each session that has any one LIST and two GETs, and for each of them the parts
 * up to its first prompt.
 */
export async function* listAgents(
  store: BucketStore,
  project: string,
  lines: readonly CatalogLine[],
  harnessOf: (name: string) => Harness | undefined,
  options: RequestOptions = {},
): AsyncGenerator<AgentRun> {
  for (const line of lines) {
    const { harness, session } = line;
    const parent = line.lineage?.find(({ kind }) => kind === 'parent')?.session;
    if (parent !== undefined) yield ownSession(line, parent);
    if (line.agents === 0) continue;
    const listing = await listSession(store, { project, harness, session }, options);
    const meta = await readMeta(store, listing.address, options);
    for (const agent of new Set([...listing.streams.keys()].filter((name) => name.startsWith('agent-')).map(runOf))) {
      yield describeAgent(store, listing, harnessOf(harness), agent, meta, options);
    }
  }
}

/** One sub-agent of a session. */
export async function describeAgent(
  store: BucketStore,
  listing: SessionListing,
  harness: Harness | undefined,
  agent: string,
  meta: SessionMeta | undefined,
  options: RequestOptions = {},
): Promise<AgentRun> {
  const { records, bytes, event } = meta?.streams[agent] ?? {};
  return {
    ...{ harness: listing.address.harness, session: listing.address.session, agent },
    ...(await opening(store, listing, harness, agent, options)),
    ...(records !== undefined && { records, bytes: bytes ?? 0 }),
    state: event ?? (meta?.state === 'active' || meta === undefined ? 'open' : meta.state),
  };
}

function ownSession(line: CatalogLine, parent: string): AgentRun {
  const { harness, session, title, models, records, bytes, startedAt, state } = line;
  const [model] = models ?? [];
  return {
    ...{ harness, session, parent, records, bytes, state: state === 'ended' || state === 'gone' ? state : 'open' },
    ...(title !== undefined && { title }),
    ...(model !== undefined && { model }),
    ...(startedAt !== undefined && { startedAt }),
  };
}

/** What a sub-agent was asked, when, and which model it began with. */
async function opening(
  store: BucketStore,
  listing: SessionListing,
  harness: Harness | undefined,
  agent: string,
  options: RequestOptions,
): Promise<Pick<AgentRun, 'title' | 'model' | 'startedAt'>> {
  let startedAt: string | undefined;
  let title: string | undefined;
  let model: string | undefined;
  for await (const event of readEvents(store, listing, harness, { ...options, wants: (name) => name === agent })) {
    startedAt ??= event.time;
    title ??= promptOf(event);
    if (event.kind === 'model_change') model ??= event.model;
    if (event.kind === 'usage') model ??= event.model;
    if (title !== undefined && model !== undefined) break;
  }
  return {
    ...(title !== undefined && { title }),
    ...(model !== undefined && { model }),
    ...(startedAt !== undefined && { startedAt }),
  };
}

const titleLength = 200;

function promptOf(event: RecordEvent): string | undefined {
  if (event.kind !== 'message' || event.role !== 'user' || (event.from === 'harness' && !event.prompt))
    return undefined;
  const [text] = event.content.flatMap((part) =>
    part.type === 'text' && typeof part.text === 'string' ? [part.text] : [],
  );
  return text?.trim().split('\n', 1)[0]?.slice(0, titleLength) || undefined;
}

import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { CairnError } from '../errors.ts';
import type { Obstacle, RestoreTarget, Restoring, Resumable } from '../harness/index.ts';
import type { Harness, SessionRef, SourceKey } from '../harness/types.ts';
import type { ProjectState, SessionState } from '../mirror/state-folder.ts';
import type { Runtime } from '../runtime.ts';
import type { BucketStore } from '../store/types.ts';
import { compareFile } from './compare.ts';
import { contentOf, type Place } from './content.ts';
import { type ForkChoice, forkedContent } from './fork.ts';
import { commonPlace, findLocal } from './local.ts';
import { type PathMapping, rewritingOf } from './rewriting.ts';
import { isVersion, type SideFile, sideFilesOf } from './side-files.ts';
import type { SourceSession, SourceStream } from './source.ts';

/** What putting sessions back needs to know. */
export interface RestoreContext {
  readonly store: BucketStore;
  readonly runtime: Runtime;
  readonly harness: Harness;
  readonly restoring: Restoring;
  readonly key: SourceKey;
  /** The mirror's records of this host; absent where it is not to know of what is written. */
  readonly state?: ProjectState;
  readonly root: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly mappings: readonly PathMapping[];
}

/** What is to be done with one file. */
export interface FileStep {
  readonly session: string;
  readonly stream: string;
  readonly path: string;
  /** Of a side file, as the session names it. */
  readonly name?: string;
  /** `kept`: a side file that says something else here. `ahead`: this host has more than the bucket. */
  readonly action: 'create' | 'extend' | 'replace' | 'same' | 'ahead' | 'kept' | 'diverged';
  /** Bytes that are written, before paths are mapped; absent where that is not known without reading. */
  readonly bytes?: number;
  /** Lines of both sides behind what they share, where the file is diverged; lines of this host where it is ahead. */
  readonly here?: number;
  readonly there?: number;
}

/** A step with what it takes to carry it out. */
export type PlannedFile = FileStep & (PlannedStream | PlannedSideFile);

export interface PlannedStream {
  readonly source: SourceStream;
  /** Where the missing content begins in the bucket, and in the file. */
  readonly after?: Place | undefined;
  readonly end: number;
  /** Bytes of content behind `after` that the file has. */
  readonly skip: number;
  /** The file ends in a line that was never finished. */
  readonly torn: boolean;
}

export interface PlannedSideFile {
  readonly source: SourceStream;
  readonly side: SideFile;
}

/** A session and the steps that put it back, in their order. */
export interface SessionPlan {
  readonly source: SourceSession;
  readonly target: RestoreTarget;
  /** Records of a stream as they are written here. */
  readonly content: (source: SourceStream, after?: Place) => AsyncIterable<Uint8Array>;
  readonly files: readonly PlannedFile[];
}

export interface RestorePlan {
  readonly sessions: readonly SessionPlan[];
  /** The one that was asked for: the last. */
  readonly session: SessionPlan;
  readonly obstacles: readonly Obstacle[];
}

/**
 * Says what putting a session and its bases back would do. Reads all of it, and proves it; writes nothing.
 * @throws CairnError `corrupt` for ids that cannot be a path, `unfit` for a fork that cannot be cut
 */
export async function planRestore(
  c: RestoreContext,
  closure: readonly SourceSession[],
  fork?: ForkChoice,
): Promise<RestorePlan> {
  const [whole] = closure;
  if (fork?.turns !== undefined && (closure.length > 1 || whole?.streams.some(isSegment))) {
    throw new CairnError('unfit', 'expected a session in one piece for --at, got one that rests on others', {
      hint: 'fork it whole, or fork the session that it rests on',
    });
  }
  const sessions: SessionPlan[] = [];
  for (const source of closure) {
    sessions.push(await planSession(c, source, source === closure.at(-1) ? fork : undefined));
  }
  const session = sessions.at(-1);
  if (!session) throw new Error('nothing to restore');
  return { sessions, session, obstacles: await c.restoring.obstacles(resumableOf(session)) };
}

/** What the harness is told of the session that is to go on. */
export function resumableOf({ source, target, files }: SessionPlan): Resumable {
  const transcript = target.agent === undefined ? 'main' : `agent-${target.agent}`;
  const { first } = source.streams.find(({ address }) => address.stream === transcript) ?? {};
  return { ...target, first, path: files.find(({ stream }) => stream === 'main')?.path ?? '' };
}

function isSegment({ address }: SourceStream): boolean {
  return address.stream.startsWith('segment-');
}

async function planSession(
  c: RestoreContext,
  source: SourceSession,
  fork: ForkChoice | undefined,
): Promise<SessionPlan> {
  const as = fork?.as ?? source.id;
  const { root, cwd, env, restoring, harness, mappings } = c;
  for (const id of [source.id, as]) {
    if (!restoring.id.test(id)) {
      throw new CairnError('corrupt', `expected an id of ${harness.title}, got ${JSON.stringify(id.slice(0, 80))}`, {
        hint: 'this session was not written by that agent, or not whole',
      });
    }
  }
  const agent = fork?.agent?.[0];
  const local = await findLocal(harness, root, as);
  const transcript = local?.streams.find(({ name }) => name === 'main')?.files[0]?.path;
  const target: RestoreTarget = {
    ...{ root, cwd, env, from: source.id, session: as },
    ...(transcript !== undefined && { transcript: relative(root, transcript).split(sep).join('/') }),
    ...(agent !== undefined && { agent: agent.slice('agent-'.length) }),
  };
  const rewrite = rewritingOf(restoring, target, mappings);
  const content: SessionPlan['content'] = (stream, after) => {
    const records = contentOf(c.store, stream, rewrite, { after });
    const { stream: name } = stream.address;
    const isCut = fork !== undefined && (fork.agent?.includes(name) ?? name === 'main');
    return isCut ? forkedContent(harness, restoring, target, records, fork.turns) : records;
  };
  const state = c.state?.session(harness.name, as);
  const files: PlannedFile[] = [];
  for (const [name, stream] of inOrder(streamsOf(c, source, fork))) {
    if (name === 'files') for (const file of await planSideFiles(c, stream, target)) files.push(file);
    else if (stream.kind === 'bytes') files.push(...(await planStream(c, stream, name, target, content, local, state)));
  }
  return { source, target, content, files };
}

/** What goes back, under the names that it gets: a sub-agent's transcript becomes a session's own. */
function streamsOf(
  c: RestoreContext,
  { streams }: SourceSession,
  fork: ForkChoice | undefined,
): readonly (readonly [string, SourceStream])[] {
  const named = streams.map((stream) => [stream.address.stream, stream] as const);
  if (fork === undefined) return named;
  if (!fork.agent) return named.filter(([, stream]) => !leavesOut(c, stream));
  const [agent, ...segments] = fork.agent;
  return named.flatMap(([name, stream]) => {
    if (name === 'files') return [[name, stream] as const];
    if (name === agent) return [['main', stream] as const];
    return segments.includes(name) ? [[name.slice(agent.length + 1), stream] as const] : [];
  });
}

/** A fork gets an id, its sub-agents' threads have none of their own to get. */
function leavesOut({ restoring }: RestoreContext, { address, first }: SourceStream): boolean {
  const probe: RestoreTarget = { root: '/', cwd: '/', env: {}, from: address.session, session: '\0' };
  return address.stream.startsWith('agent-') && !restoring.path(address.stream, first, probe)?.includes('\0');
}

/**
 * The transcript last: an agent that finds none begins nothing, one that finds it without the rest would go on with
 * less than there was (codex would bring reverted turns back).
 */
function inOrder<Named extends readonly [string, SourceStream]>(streams: readonly Named[]): readonly Named[] {
  const rank = (name: string) => (name === 'main' ? 3 : name.startsWith('segment-') ? 2 : name === 'files' ? 0 : 1);
  return [...streams].sort(([a], [b]) => rank(a) - rank(b));
}

async function planStream(
  c: RestoreContext,
  source: SourceStream,
  stream: string,
  target: RestoreTarget,
  content: SessionPlan['content'],
  local: SessionRef | undefined,
  state: SessionState | undefined,
): Promise<PlannedFile[]> {
  const place = { session: target.session, stream };
  const ref = local?.streams.find(({ name }) => name === stream);
  if (!ref) {
    const named = c.restoring.path(stream, source.first, target);
    if (named === undefined) return [];
    const path = inside(c.root, named);
    const bytes = source.run.length === 1 ? { bytes: source.last.totals.bytes } : {};
    return [{ ...place, path, action: 'create', ...bytes, source, end: 0, skip: 0, torn: false }];
  }
  const { primary } = await c.harness.select(ref, undefined);
  const path = primary.files[0]?.path ?? '';
  const common = await commonPlace(c.store, c.harness, c.key, source, primary, state);
  const { after, cursor } = common;
  const offset = cursor?.kind === 'bytes' ? cursor.offset : 0;
  const found = await compareFile(path, offset, content(source, after));
  const at = { ...place, path, source, after, end: found.end, skip: found.end - offset, torn: false };
  switch (found.kind) {
    case 'behind':
      return [{ ...at, action: 'extend', bytes: found.missing, torn: found.torn }];
    case 'ahead':
      return [{ ...at, action: 'ahead', here: found.lines }];
    case 'diverged':
      return [{ ...at, action: 'diverged', here: found.here, there: found.there }];
    default:
      return [{ ...at, action: 'same' }];
  }
}

async function planSideFiles(c: RestoreContext, source: SourceStream, target: RestoreTarget): Promise<PlannedFile[]> {
  const files: PlannedFile[] = [];
  for (const [name, versions] of await sideFilesOf(c.store, source)) {
    const named = c.restoring.sideFile?.(name, target);
    const side = versions.at(-1);
    // Of a sub-agent only what its results refer to.
    if (target.agent !== undefined && !name.startsWith('tool-results/')) continue;
    if (named === undefined || side === undefined) continue;
    const path = inside(c.root, named);
    const step = { session: target.session, stream: source.address.stream, name, path, source, side };
    if (!existsSync(path)) files.push({ ...step, action: 'create', bytes: side.size });
    else if (await isVersion(c.store, source, path, side)) files.push({ ...step, action: 'same' });
    else if (await isOneOf(c, source, path, versions)) files.push({ ...step, action: 'replace', bytes: side.size });
    else files.push({ ...step, action: 'kept' });
  }
  return files;
}

async function isOneOf(
  c: RestoreContext,
  source: SourceStream,
  path: string,
  versions: readonly SideFile[],
): Promise<boolean> {
  for (const version of versions) if (await isVersion(c.store, source, path, version)) return true;
  return false;
}

/** A path below the agent's folder. What stands in a bucket is not trusted to name one. @throws CairnError `corrupt` */
function inside(root: string, named: string): string {
  const path = join(root, named);
  const below = relative(root, path);
  const odd =
    below === '' || below.startsWith(`..${sep}`) || below === '..' || isAbsolute(below) || /\p{Cc}/u.test(named);
  if (!odd && !named.split('/').some((part) => part === '..' || part === '.')) return path;
  throw new CairnError('corrupt', `expected the name of a file of the session, got ${JSON.stringify(named)}`, {
    hint: 'nothing was written; the bucket holds something that no mirror wrote',
  });
}

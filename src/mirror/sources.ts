import { sameStamp } from '../harness/index.ts';
import type { Harness, SessionRef } from '../harness/types.ts';
import { fileRef } from '../harness/walk.ts';
import type { Runtime } from '../runtime.ts';
import { type DiscoverRun, discoverRoot } from './discover.ts';
import { type Found, type MirrorScope, selectSessions, withConsent } from './scope.ts';
import { FolderWatch, foldersAbove } from './watch.ts';

/** Idle polls together take no more of a core than this: the more sessions there are, the rarer they become. */
const IDLE_SHARE = 1 / 400;
/** Polls because something new was heard of take no more than this. */
const WOKEN_SHARE = 1 / 20;
/** However many sessions there are, a change that no event told of is found after so long. */
const LONGEST_POLL_MS = 300_000;
/** Sessions touched within this time are looked at in every interval, */
const RECENT_MS = 3_600_000;
/** the newest so many of them. */
const RECENT_SESSIONS = 256;

export interface SourcesRun extends DiscoverRun {
  readonly runtime: Runtime;
  readonly scope: MirrorScope;
  repositoryOf(cwd: string): Promise<string | undefined>;
}

/** What a look at the sources came to. */
export interface Look {
  /** New, or with other files than at the look before. */
  readonly changed: readonly Found[];
  /** Known once, and not where it was. */
  readonly vanished: readonly Found[];
}

interface Root {
  readonly harness: Harness;
  readonly root: string;
  /** Milliseconds that the last poll took. */
  cost: number;
  polledAt: number;
  dueAt: number;
  /** An event told of something that no known session has. */
  woken: boolean;
  watched: ReadonlySet<string>;
}

/**
 * The sessions of this host, held in memory between looks. Polling is the truth: each root is looked through anew at
 * times that its size decides. Events and the recent sessions' own stamps find most changes earlier.
 */
export class Sources {
  readonly #run: SourcesRun;
  readonly #intervalMs: number;
  readonly #roots: readonly Root[];
  readonly #sessions = new Map<string, Found>();
  readonly #byPath = new Map<string, string>();
  readonly #touched = new Set<string>();
  readonly #problems = new Map<string, string>();
  readonly #watch: FolderWatch;
  #recent: readonly string[] = [];
  #recentAt = Number.NEGATIVE_INFINITY;

  /** @param woken something was heard of, and `look` may find it */
  constructor(run: SourcesRun, intervalMs: number, woken: () => void, unwatched: (cause: unknown) => void) {
    this.#run = run;
    this.#intervalMs = intervalMs;
    this.#roots = run.scope.harnesses.flatMap((harness) =>
      harness.roots(run.environment).map((root) => ({
        harness,
        root,
        cost: 0,
        polledAt: Number.NEGATIVE_INFINITY,
        dueAt: Number.NEGATIVE_INFINITY,
        woken: false,
        watched: new Set<string>(),
      })),
    );
    this.#watch = new FolderWatch((path) => {
      this.#touched.add(path);
      woken();
    }, unwatched);
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get folders(): number {
    return this.#watch.size;
  }

  /** When `look` is to be called again, by the monotonic clock, if nothing is heard before. */
  get nextAt(): number {
    const polls = this.#roots.map((root) => this.#dueAt(root));
    return Math.min(...polls, this.#recent.length > 0 ? this.#recentAt + this.#intervalMs : Number.POSITIVE_INFINITY);
  }

  /** Polls what is due, or with `all` everything, and looks at what was touched. */
  async look(options: { readonly all?: boolean } = {}): Promise<Look> {
    const changed = new Map<string, Found>();
    const vanished: Found[] = [];
    this.#takeTouched(changed);
    const now = this.#run.runtime.monotonic();
    for (const root of this.#roots) {
      if (options.all || this.#dueAt(root) <= now) await this.#poll(root, changed, vanished);
    }
    if (this.#recentAt + this.#intervalMs <= now) {
      for (const id of this.#recent) this.#restat(id, changed);
      this.#recentAt = now;
    }
    return { changed: [...changed.values()], vanished };
  }

  /** The session with its files as they stand now; as it was where a file is gone: that the next poll will tell. */
  current(id: string): Found | undefined {
    const known = this.#sessions.get(id);
    const now = known && restated(known);
    if (now) this.#sessions.set(id, now);
    return now ?? known;
  }

  /** The next look is at these too. Gives how they are called here: none where the session was not found yet. */
  touch(session: string): string[] {
    const ids = this.#run.scope.harnesses.map(({ name }) => `${name}/${session}`);
    const known = ids.filter((id) => this.#sessions.has(id));
    for (const id of known) for (const path of pathsOf(this.#sessions.get(id) as Found)) this.#touched.add(path);
    return known;
  }

  close(): Promise<void> {
    return this.#watch.close();
  }

  #dueAt(root: Root): number {
    return root.woken ? Math.min(root.dueAt, root.polledAt + root.cost / WOKEN_SHARE) : root.dueAt;
  }

  #pauseMs(): number {
    const cost = this.#roots.reduce((sum, root) => sum + root.cost, 0);
    return Math.max(this.#intervalMs, Math.min(cost / IDLE_SHARE, LONGEST_POLL_MS));
  }

  #takeTouched(changed: Map<string, Found>): void {
    for (const path of this.#touched) {
      const id = this.#byPath.get(path);
      if (id !== undefined) this.#restat(id, changed);
      else {
        const owner = this.#roots.find(({ root }) => path.startsWith(root));
        if (owner) owner.woken = true;
        this.#watch.add(path);
      }
    }
    this.#touched.clear();
  }

  #restat(id: string, changed: Map<string, Found>): void {
    const known = this.#sessions.get(id);
    if (!known) return;
    const now = this.current(id);
    if (now && !sameSource(known.ref, now.ref)) changed.set(id, now);
  }

  async #poll(root: Root, changed: Map<string, Found>, vanished: Found[]): Promise<void> {
    const { runtime } = this.#run;
    const start = runtime.monotonic();
    root.woken = false;
    const { found, whole } = await discoverRoot(
      {
        ...this.#run,
        kinds: this.#run.scope.kinds !== undefined,
        cwdOf: (harness, session) =>
          this.#sessions.get(`${harness}/${session}`)?.ref.cwd ?? this.#run.cwdOf?.(harness, session),
        report: (problem) => this.problem(problem),
      },
      root.harness,
      root.root,
    );
    const wanted = await selectSessions(found, this.#run.scope, this.#run.repositoryOf);
    const chosen = await withConsent(wanted, this.#run.scope, (problem) => this.problem(problem));
    const here = new Set(found.map(idOf));
    for (const one of chosen) {
      const id = idOf(one);
      const known = this.#sessions.get(id);
      // A session found as it was keeps its old object: nothing new has to be held.
      if (known && sameSource(known.ref, one.ref)) continue;
      this.#sessions.set(id, one);
      for (const path of pathsOf(one)) this.#byPath.set(path, id);
      changed.set(id, one);
    }
    for (const [id, known] of whole ? this.#sessions : []) {
      if (known.root !== root.root || here.has(id)) continue;
      this.#sessions.delete(id);
      for (const path of pathsOf(known)) this.#byPath.delete(path);
      vanished.push(known);
    }
    this.#watchFolders(root, found);
    root.polledAt = runtime.monotonic();
    root.cost = root.polledAt - start;
    root.dueAt = root.polledAt + this.#pauseMs();
    this.#choose();
  }

  /** Tells of something that is found again at every poll, when it is new. */
  problem(problem: Parameters<DiscoverRun['report']>[0]): void {
    const message = problem.cause instanceof Error ? problem.cause.message : String(problem.cause);
    if (this.#problems.get(problem.path) === message) return;
    this.#problems.set(problem.path, message);
    this.#run.report(problem);
  }

  #watchFolders(root: Root, found: readonly Found[]): void {
    const files = found.flatMap(({ ref }) => ref.streams.flatMap((stream) => stream.files.map(({ path }) => path)));
    root.watched = foldersAbove(files, root.harness.watched(root.root));
    this.#watch.update(new Set(this.#roots.flatMap(({ watched }) => [...watched])));
  }

  /** What is polled less often than each interval, and recent, is looked at by itself. */
  #choose(): void {
    const since = this.#run.runtime.now() - RECENT_MS;
    if (this.#pauseMs() <= this.#intervalMs) {
      this.#recent = [];
      return;
    }
    this.#recent = [...this.#sessions]
      .filter(([, { ref }]) => ref.modified >= since)
      .sort(([, a], [, b]) => b.ref.modified - a.ref.modified)
      .slice(0, RECENT_SESSIONS)
      .map(([id]) => id);
  }
}

/** Of a session among all harnesses. */
export function idOf({ ref }: Pick<Found, 'ref'>): string {
  return `${ref.harness}/${ref.id}`;
}

function pathsOf({ ref }: Found): string[] {
  return ref.streams.flatMap((stream) => stream.files.filter(({ key }) => key === undefined).map(({ path }) => path));
}

/** The session with new stamps; nothing where a file is gone, or a database holds it. */
function restated(found: Found): Found | undefined {
  const { ref } = found;
  let modified = 0;
  const streams = [];
  for (const stream of ref.streams) {
    const files = [];
    for (const file of stream.files) {
      if (file.key !== undefined) return undefined;
      const [now] = fileRef(file.path, file.name);
      if (!now) return undefined;
      modified = Math.max(modified, Number(BigInt(now.stamp.mtime) / 1_000_000n));
      files.push(now);
    }
    streams.push({ ...stream, files });
  }
  return { ...found, ref: { ...ref, modified, streams } };
}

/** Whether nothing was touched between two looks. */
function sameSource(a: SessionRef, b: SessionRef): boolean {
  return (
    a.title === b.title &&
    a.streams.length === b.streams.length &&
    a.streams.every((stream, i) => {
      const other = b.streams[i];
      return (
        other?.name === stream.name &&
        other.files.length === stream.files.length &&
        stream.files.every((file, j) => {
          const { path, stamp } = other.files[j] ?? {};
          return path === file.path && stamp?.mark === file.stamp.mark && sameStamp(stamp ?? file.stamp, file.stamp);
        })
      );
    })
  );
}

import type { Harness, SessionRef } from '../harness/types.ts';
import { updateCatalog } from '../mirror/catalog.ts';
import { fetchHeader, placeIn } from '../mirror/epochs.ts';
import { catalogLine } from '../mirror/meta.ts';
import { metaIsDue, writeMeta } from '../mirror/meta-writer.ts';
import type { Preparer } from '../mirror/preparer.ts';
import type { MirrorContext } from '../mirror/session.ts';
import type { SessionRecord } from '../mirror/state-folder.ts';
import { firstRecord } from '../mirror/stream-record.ts';
import { listSession, type SessionListing } from '../sessions/listing.ts';
import { EntryLog } from './log.ts';
import { namesOf, projectMark, streamOf } from './names.ts';
import type { SessionKey, SessionStoreEntry } from './types.ts';

/** A process that serves many sessions holds the ids of all entries of those that it writes to. */
const IDLE_MS = 3_600_000;

/** What the adapter writes with. */
export interface Writing {
  readonly context: MirrorContext;
  /** That of claude-code. */
  readonly harness: Harness;
}

/**
 * Finds a session of the bucket by the SDK's key. One that the mirror shipped from disk belongs to no project of the
 * SDK: whoever names its id gets it.
 */
export async function locate(
  { store, project }: Pick<MirrorContext, 'store' | 'project'>,
  harness: string,
  key: SessionKey,
): Promise<SessionListing> {
  const mark = projectMark(key.projectKey);
  const [own, shared] = namesOf(key);
  const listing = await listSession(store, { project, harness, session: own });
  const owner = await ownerOf(store, listing);
  if (owner === mark) return listing;
  const other = await listSession(store, { project, harness, session: shared });
  return other.streams.size > 0 || owner !== undefined ? other : listing;
}

async function ownerOf(
  store: MirrorContext['store'],
  { address, streams }: SessionListing,
): Promise<string | undefined> {
  for (const [stream, epochs] of streams) {
    const first = epochs.find(({ seqs }) => seqs[0] === 0);
    if (!first) continue;
    return (await fetchHeader(store, placeIn({ ...address, stream }, first, 0)))?.context?.sdkProject;
  }
  return undefined;
}

/** A session that this process writes to: its transcripts, and what lists show of it. */
export class WrittenSession {
  readonly #w: Writing;
  readonly #ref: SessionRef;
  readonly #preparer: Preparer;
  readonly #logs = new Map<string, EntryLog>();
  readonly #record: SessionRecord;
  #queue: Promise<unknown> = Promise.resolve();
  /** When it was last written to, milliseconds since 1970. */
  #usedAt = 0;

  private constructor(w: Writing, ref: SessionRef, streams: Iterable<string>) {
    this.#w = w;
    this.#ref = ref;
    this.#preparer = w.context.preparer(w.harness, []);
    this.#record = { v: 1, harness: ref.harness, session: ref.id, root: '', streams: [] };
    for (const stream of streams) this.#log(stream);
  }

  static async open(w: Writing, key: SessionKey): Promise<WrittenSession> {
    const { address, streams } = await locate(w.context, w.harness.name, key);
    const written = [...streams].filter(([, epochs]) => epochs.some(({ seqs }) => seqs[0] === 0));
    const ref = {
      harness: address.harness,
      id: address.session,
      modified: 0,
      streams: [],
      lineage: [],
      sdkProject: projectMark(key.projectKey),
    };
    return new WrittenSession(
      w,
      ref,
      written.map(([name]) => name),
    );
  }

  append(key: SessionKey, entries: readonly SessionStoreEntry[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#usedAt = this.#w.context.runtime.now();
      await this.#log(streamOf(key)).append(entries);
      await this.#tell(false);
    });
  }

  /** Brings up to date what lists show; `atOnce`: however fresh it is. */
  refresh(atOnce: boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (atOnce ? this.#record.metaDue : metaIsDue(this.#w.context, this.#record)) await this.#tell(atOnce);
    });
  }

  /** Nothing was written for a while, and nothing is owed: what is known of it can be read again. */
  isIdle(): boolean {
    return !this.#record.metaDue && Math.abs(this.#w.context.runtime.now() - this.#usedAt) > IDLE_MS;
  }

  async #tell(atOnce: boolean): Promise<void> {
    const { context: c } = this.#w;
    const logs = [...this.#logs.values()];
    for (const log of logs) await log.open(); // what other processes wrote is part of the session
    const streams = logs.map(({ stream }) => stream);
    if (!(await writeMeta(c, this.#ref, this.#record, streams, this.#preparer, atOnce)) || !this.#record.meta) return;
    await updateCatalog(c.store, c.project, c.state, c.runtime, [catalogLine(this.#record.meta)], atOnce);
  }

  /** One after another: the redactor remembers what it found, and entries keep the order of the calls. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => {}); // told to whoever called
    return turn;
  }

  #log(name: string): EntryLog {
    const found = this.#logs.get(name);
    if (found) return found;
    const { context: c, harness } = this.#w;
    const { id, sdkProject } = this.#ref;
    const log = new EntryLog({
      store: c.store,
      runtime: c.runtime,
      harness,
      ref: { name, kind: 'bytes', files: [] },
      address: { project: c.project, harness: harness.name, session: id, stream: name },
      key: c.key,
      redactor: c.redactor,
      preparer: this.#preparer,
      writer: c.writer,
      context: { ...(c.user && { user: c.user }), ...(sdkProject !== undefined && { sdkProject }) },
      compress: c.compress,
      chunkBytes: c.chunkBytes,
      signal: c.signal,
      blob: () => Promise.reject(new Error('a transcript has no side files')),
      takeBlobFindings: () => ({ found: {}, images: 0 }),
      record: firstRecord(),
      save: async () => {}, // what is known is in the bucket
      report() {},
    });
    this.#logs.set(name, log);
    return log;
  }
}

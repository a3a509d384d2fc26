import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CairnError } from '../errors.ts';
import type { FileStamp } from '../harness/types.ts';
import type { Fingerprint } from '../redact/memory.ts';
import type { Runtime } from '../runtime.ts';
import { encodeName } from '../store/keys.ts';
import { createFile, readJson, replaceState } from './durable-file.ts';
import { appendSecrets, readSecrets } from './known-secrets.ts';
import { acquireLock, type ProcessTable } from './lock.ts';
import type { SessionMeta } from './meta.ts';
import type { PartHeader } from './part.ts';
import type { StreamRecord } from './stream-record.ts';

/** What this host keeps of one session beside its streams. */
export interface SessionRecord {
  readonly v: 1;
  readonly harness: string;
  readonly session: string;
  /** The harness's root it was found in: while that is there, a missing session is gone. */
  root: string;
  /** Where its agent worked, as discovery found it. */
  cwd?: string | undefined;
  /** Stamps of all its files when a run left nothing behind: while they stand, there is nothing to read. */
  quiet?: Readonly<Record<string, FileStamp>> | undefined;
  /** Of each stream its source as it was seen last, where nothing of it was left to ship. */
  whole?: Readonly<Record<string, PartHeader['seen']>> | undefined;
  /** Names of the stream records beside this one. */
  streams: readonly string[];
  meta?: SessionMeta | undefined;
  /** When meta was last written, and whether it says less than is known. */
  metaAt?: number | undefined;
  metaDue?: boolean | undefined;
  /** It was deleted from the bucket, and that was told: it is left alone. */
  deleted?: true | undefined;
  /** Since when bytes below `--min-bytes` wait. */
  waitingSince?: number | undefined;
}

/** Local state of one project in one bucket. Losing it loses nothing but time. */
export class ProjectState {
  /** Random id of this state folder: two users, containers or daemons on one host never share one. */
  readonly mirror: string;
  readonly #folder: string;
  readonly #runtime: Runtime;
  readonly #processes: ProcessTable;

  private constructor(folder: string, mirror: string, runtime: Runtime, processes: ProcessTable) {
    this.#folder = folder;
    this.mirror = mirror;
    this.#runtime = runtime;
    this.#processes = processes;
  }

  /** @throws CairnError `denied`, `disk-full` */
  static async open(
    root: string,
    place: { readonly bucket: string; readonly project: string },
    runtime: Runtime,
    processes: ProcessTable,
  ): Promise<ProjectState> {
    const idFile = join(root, 'mirror.json');
    const read = () =>
      readJson(idFile, (value): value is { id: string } => typeof (value as { id?: unknown })?.id === 'string');
    let id = read();
    if (!id) {
      await createFile(idFile, JSON.stringify({ id: runtime.id() }), `${idFile}.${runtime.id()}`);
      id = read();
    }
    if (!id)
      throw new CairnError('corrupt', `expected the id of this mirror in ${idFile}, got something else`, {
        hint: 'remove that file',
      });
    const bucket = createHash('sha256').update(place.bucket).digest('hex').slice(0, 16);
    return new ProjectState(join(root, bucket, encodeName(place.project)), id.id, runtime, processes);
  }

  /** Every session of a harness that this host has mirrored. */
  async *sessions(harness: string): AsyncGenerator<SessionRecord> {
    const folder = join(this.#folder, encodeName(harness));
    for (const name of await readdir(folder).catch(() => [])) {
      const record = readJson(join(folder, name, 'session.json'), isSessionRecord);
      if (record) yield record;
    }
  }

  session(harness: string, session: string): SessionState {
    return new SessionState(
      join(this.#folder, encodeName(harness), encodeName(session)),
      this.#runtime,
      this.#processes,
    );
  }

  /** Where the local copy of this mirror's catalog lies. */
  get catalogFolder(): string {
    return join(this.#folder, 'catalog');
  }

  /** Where the live mirror of this project keeps its status, log and requests. */
  get serviceFolder(): string {
    return join(this.#folder, 'service');
  }

  /** @param what for the message to whoever comes second */
  lock(name: string, what?: string): Promise<() => Promise<void>> {
    return acquireLock(this.#folder, name, this.#processes, this.#runtime, what);
  }
}

/** Local state of one session. */
export class SessionState {
  readonly #folder: string;
  readonly #runtime: Runtime;
  readonly #processes: ProcessTable;

  constructor(folder: string, runtime: Runtime, processes: ProcessTable) {
    this.#folder = folder;
    this.#runtime = runtime;
    this.#processes = processes;
  }

  async read(): Promise<SessionRecord | undefined> {
    return readJson(join(this.#folder, 'session.json'), isSessionRecord);
  }

  write(record: SessionRecord): Promise<void> {
    return this.#replace('session.json', record);
  }

  async readStream(name: string): Promise<StreamRecord | undefined> {
    return readJson(join(this.#folder, streamFile(name)), isStreamRecord);
  }

  writeStream(name: string, record: StreamRecord): Promise<void> {
    return this.#replace(streamFile(name), record);
  }

  /** What is known of the secrets in the session: see `known-secrets.ts`. */
  readSecrets(): Promise<readonly Fingerprint[]> {
    return readSecrets(this.#secrets, `${this.#secrets}.${this.#runtime.id()}`);
  }

  appendSecrets(prints: readonly Fingerprint[]): Promise<void> {
    return appendSecrets(this.#secrets, prints);
  }

  get #secrets(): string {
    return join(this.#folder, 'secrets.jsonl');
  }

  /** One process at a time moves a session. */
  lock(): Promise<() => Promise<void>> {
    return acquireLock(this.#folder, 'session', this.#processes, this.#runtime);
  }

  #replace(file: string, value: unknown): Promise<void> {
    const path = join(this.#folder, file);
    return replaceState(path, JSON.stringify(value), `${path}.${this.#runtime.id()}`);
  }
}

function streamFile(name: string): string {
  return `${encodeName(name)}.stream.json`;
}

function isSessionRecord(value: unknown): value is SessionRecord {
  const record = value as SessionRecord | null;
  return record?.v === 1 && typeof record.session === 'string' && Array.isArray(record.streams);
}

function isStreamRecord(value: unknown): value is StreamRecord {
  const record = value as StreamRecord | null;
  return record?.v === 1 && Number.isSafeInteger(record.seq) && Array.isArray(record.pending);
}

import { CairnError } from '../errors.ts';
import { linesOfPieces } from '../harness/index.ts';
import type { TrajectoryHead } from './jsonl.ts';

/** What an export says of itself, and its events as they stand in the file. */
export interface ImportedSession {
  readonly head: TrajectoryHead;
  /** Lines by stream, each without its `\n`; the first of `main` is the head's. */
  readonly streams: ReadonlyMap<string, readonly string[]>;
  readonly events: number;
}

/** Reads a jsonl export: one session, or several one behind the other. @throws CairnError `usage`, `newer-format` */
export async function* readExport(bytes: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<ImportedSession> {
  let session: { head: TrajectoryHead; streams: Map<string, string[]>; events: number } | undefined;
  let last = 1;
  for await (const { line, number, value } of readLines(bytes, file)) {
    last = number;
    if (value.cairn === 'trajectory') {
      if (session) yield session;
      const head = headOf(value, file, number);
      session = { head, streams: new Map([['main', [line]]]), events: 0 };
      continue;
    }
    if (!session) throw unexpected(file, number, 'a line that names the session');
    const stream = streamOf(value, file, number);
    const own = session.streams.get(stream);
    if (own) own.push(line);
    else session.streams.set(stream, [line]);
    session.events++;
  }
  if (!session) throw unexpected(file, last, 'a line that names the session');
  yield session;
}

/** Reads events alone, of a session that is known otherwise. Without `at` an event is of the transcript. @throws CairnError `usage` */
export async function* readEvents(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<{ readonly stream: string; readonly line: string }> {
  for await (const { number, value } of readLines(bytes, file)) {
    const { v = 1, ...event } = value;
    if (v !== 1) throw unexpected(file, number, 'an event');
    yield { stream: streamOf(event, file, number, 'main'), line: JSON.stringify({ v, ...event }) };
  }
}

/** A name that can be a session's. */
export function isSessionName(session: unknown): session is string {
  return typeof session === 'string' && /^[^/\\\p{C}]{1,200}$/u.test(session) && !/^\.+$/.test(session);
}

/** Side files are no events, and `blobs` is a folder of a session's own. */
const taken = ['files', 'blobs'];

/**
 * A name that can be a stream's: its events lie in a file that is called so. What an agent of the SDK keeps under a
 * path of its own is a stream called by that path.
 */
function isStreamName(stream: string): boolean {
  const names = stream.startsWith('subpath-') ? stream.slice('subpath-'.length).split('/') : [stream];
  return !taken.includes(stream) && names.every(isSessionName) && encodeURIComponent(stream).length <= 200;
}

function headOf(value: Readonly<Record<string, unknown>>, file: string, line: number): TrajectoryHead {
  const { v, harness, session } = value;
  if (typeof v === 'number' && v > 1) {
    throw new CairnError('newer-format', `expected an export of version 1 in ${file}, got ${v}`, {
      hint: 'update cairn on this host',
    });
  }
  if (v !== 1 || typeof harness !== 'string' || !isSessionName(session)) {
    throw unexpected(file, line, 'a line that names the session');
  }
  return value as unknown as TrajectoryHead;
}

/** Lines that hold something. Only a newline ends one: what else ends lines elsewhere may stand in a text of JSON. */
async function* readLines(bytes: AsyncIterable<Uint8Array>, file: string) {
  let number = 0;
  for await (const { buffer, byteOffset, length } of linesOfPieces(bytes)) {
    number++;
    const line = Buffer.from(buffer, byteOffset, length).toString('utf8').replace(/\r$/, '');
    if (line.trim() !== '') yield { line, number, value: parse(line, file, number) };
  }
}

/** The stream of an event. @throws CairnError `usage` for what is no event, or of a stream that cannot be */
function streamOf(event: Readonly<Record<string, unknown>>, file: string, line: number, missing?: string): string {
  const { stream = missing } = (event.at ?? {}) as { readonly stream?: unknown };
  if (typeof event.kind !== 'string' || typeof stream !== 'string') throw unexpected(file, line, 'an event');
  if (isStreamName(stream)) return stream;
  const shown = JSON.stringify(stream.length > 60 ? `${stream.slice(0, 60)}…` : stream);
  throw new CairnError('usage', `expected the name of a stream in line ${line} of ${file}, got ${shown}`, {
    hint: 'call it main, or agent-… for a sub-agent: without slashes and control characters, and short',
  });
}

function parse(line: string, file: string, number: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // said below
  }
  throw unexpected(file, number, 'JSON');
}

function unexpected(file: string, line: number, what: string): CairnError {
  return new CairnError('usage', `expected ${what} in line ${line} of ${file}, got something else`, {
    hint: 'it is what `cairn session export --format jsonl` writes',
  });
}

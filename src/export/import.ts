import { CairnError } from '../errors.ts';
import type { TrajectoryHead } from './jsonl.ts';

/** What an export says of itself, and its events as they stand in the file. */
export interface ImportedSession {
  readonly head: TrajectoryHead;
  /** Lines by stream, each without its `\n`; the first of `main` is the head's. */
  readonly streams: ReadonlyMap<string, readonly string[]>;
  readonly events: number;
}

/** Reads the lines of a jsonl export: one session, or several one behind the other. @throws CairnError `usage`, `newer-format` */
export async function* readExport(lines: AsyncIterable<string>, file: string): AsyncGenerator<ImportedSession> {
  let session: { head: TrajectoryHead; streams: Map<string, string[]>; events: number } | undefined;
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const value = parse(line, file, number);
    if (value.cairn === 'trajectory') {
      if (session) yield session;
      const head = headOf(value, file, number);
      session = { head, streams: new Map([['main', [line]]]), events: 0 };
      continue;
    }
    const stream = (value.at as { readonly stream?: unknown } | undefined)?.stream;
    if (
      !session ||
      typeof value.kind !== 'string' ||
      typeof stream !== 'string' ||
      stream === '' ||
      stream === 'files'
    ) {
      throw unexpected(file, number, session ? 'an event' : 'a line that names the session');
    }
    const own = session.streams.get(stream);
    if (own) own.push(line);
    else session.streams.set(stream, [line]);
    session.events++;
  }
  if (!session) throw unexpected(file, number, 'a line that names the session');
  yield session;
}

/** Reads events alone, of a session that is known otherwise. Without `at` an event is of the transcript. @throws CairnError `usage` */
export async function* readEvents(
  lines: AsyncIterable<string>,
  file: string,
): AsyncGenerator<{ readonly stream: string; readonly line: string }> {
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const { v = 1, ...value } = parse(line, file, number);
    const { stream = 'main' } = (value.at ?? {}) as { readonly stream?: unknown };
    if (
      v !== 1 ||
      typeof value.kind !== 'string' ||
      typeof stream !== 'string' ||
      stream === '' ||
      stream === 'files'
    ) {
      throw unexpected(file, number, 'an event');
    }
    yield { stream, line: JSON.stringify({ v, ...value }) };
  }
}

/** A name that can be a session's. */
export function isSessionName(session: unknown): session is string {
  return typeof session === 'string' && /^[^/\\\p{C}]{1,200}$/u.test(session) && !/^\.+$/.test(session);
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

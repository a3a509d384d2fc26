import type { Cursor } from './cursor.ts';
import { lastRecordOf } from './excerpt.ts';
import { adoptBytes, proveBytes, readBytes } from './file-tail.ts';
import { ofKind, resetChunk } from './position.ts';
import { selectSources } from './select.ts';
import { adoptVersions, readVersions } from './side-files.ts';
import type { Harness } from './types.ts';

/** What is particular to a harness; the rest is the kit's. */
export type HarnessConstants = Pick<
  Harness,
  | 'name'
  | 'title'
  | 'seen'
  | 'schemas'
  | 'roots'
  | 'watched'
  | 'keepsDays'
  | 'discover'
  | 'summarise'
  | 'projector'
  | 'endsTurn'
  | 'lasting'
  | 'restoring'
  | 'importing'
  | 'unwrapped'
>;

/** How streams of one kind are read. */
export type StreamReader = Pick<Harness, 'read' | 'adopt' | 'select' | 'prove' | 'newest'>;

/** A harness of files and, with `databases`, of databases. */
export function composeHarness(
  constants: HarnessConstants,
  databases: Partial<Readonly<Record<'rows' | 'changes', StreamReader>>> = {},
): Harness {
  const readers = { bytes: jsonlReader, versions: sideFileReader, ...databases };
  const readerOf = (kind: Cursor['kind']): StreamReader => {
    const reader = readers[kind];
    if (reader === undefined) throw new Error(`${constants.name} has no reader for ${kind} streams`);
    return reader;
  };
  return {
    ...constants,
    async *read(stream, cursor, options) {
      // The agent keeps the session in another way now.
      if (cursor && cursor.kind !== stream.kind) yield resetChunk(cursor, 'replaced', options.key);
      else yield* readerOf(stream.kind).read(stream, cursor, options);
    },
    adopt: (stream, part, options) => readerOf(stream.kind).adopt(stream, part, options),
    select: (stream, cursor) => readerOf(stream.kind).select(stream, cursor),
    prove: async (stream, cursor) => cursor.kind === stream.kind && readerOf(stream.kind).prove(stream, cursor),
    newest: async (stream) => readerOf(stream.kind).newest?.(stream),
  };
}

/** A harness of JSONL files (`bytes` streams, plain or `.zst`) and side files (`versions` streams). */
export function fileTailHarness(constants: HarnessConstants): Harness {
  return composeHarness(constants);
}

const jsonlReader: StreamReader = {
  read: (stream, cursor, options) => readBytes(stream, ofKind('bytes', cursor), options),
  adopt: adoptBytes,
  select: (stream, cursor) => selectSources(stream, ofKind('bytes', cursor)),
  prove: async (stream, cursor) => cursor.kind === 'bytes' && proveBytes(stream, cursor),
  newest: async ({ files: [file] }) => file && lastRecordOf(file.path),
};

const sideFileReader: StreamReader = {
  read: (stream, cursor, options) => readVersions(stream, ofKind('versions', cursor), options),
  adopt: (_, part, options) => adoptVersions(part, options),
  select: async (stream) => ({ primary: stream, others: [] }),
  prove: async () => true,
};

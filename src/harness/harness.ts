import { adoptBytes, proveBytes, readBytes } from './file-tail.ts';
import { selectSources } from './select.ts';
import { adoptVersions, readVersions } from './side-files.ts';
import type { BytesCursor, Cursor, Harness, VersionsCursor } from './types.ts';

/** What is particular to a harness whose sessions are files that grow; the rest is the kit's. */
export type FileTail = Pick<Harness, 'name' | 'title' | 'seen' | 'roots' | 'watched' | 'discover' | 'summarise'>;

/** A harness of JSONL files (`bytes` streams, plain or `.zst`) and side files (`versions` streams). */
export function fileTailHarness(constants: FileTail): Harness {
  return {
    ...constants,
    read: (stream, cursor, options) =>
      stream.kind === 'bytes'
        ? readBytes(stream, bytes(cursor), options)
        : readVersions(stream, versions(cursor), options),
    adopt: (stream, part, options) =>
      stream.kind === 'bytes' ? adoptBytes(stream, part, options) : adoptVersions(part, options),
    select: async (stream, cursor) =>
      stream.kind === 'bytes' ? selectSources(stream, bytes(cursor)) : { primary: stream, others: [] },
    prove: async (stream, cursor) => cursor.kind !== 'bytes' || proveBytes(stream, cursor),
  };
}

function bytes(cursor: Cursor | undefined): BytesCursor | undefined {
  return cursor?.kind === 'bytes' ? cursor : undefined;
}

function versions(cursor: Cursor | undefined): VersionsCursor | undefined {
  return cursor?.kind === 'versions' ? cursor : undefined;
}

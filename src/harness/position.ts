import type { Cursor, Position } from './cursor.ts';
import type { Chunk, ResetReason, SourceKey } from './types.ts';

/** What of a cursor goes into headers; of a stream of `kind` at its start, where there is none. */
export function positionOf(cursor: Cursor | undefined, kind: Cursor['kind']): Position {
  switch (cursor?.kind) {
    case 'bytes':
      return { kind: 'bytes', offset: cursor.offset };
    case 'rows':
      return { kind: 'rows', generation: cursor.generation, seq: cursor.seq };
    case 'versions':
    case 'changes':
      return { kind: cursor.kind, count: cursor.count };
    default:
      return startOf(kind);
  }
}

function startOf(kind: Cursor['kind']): Position {
  if (kind === 'bytes') return { kind, offset: 0 };
  return kind === 'rows' ? { kind, generation: '', seq: -1 } : { kind, count: 0 };
}

/** The chunk that says that the source no longer continues what `cursor` covers. */
export function resetChunk(cursor: Cursor, reset: ResetReason, key: SourceKey): Chunk {
  return {
    bytes: new Uint8Array(),
    records: 0,
    source: key.hmac().digest(),
    from: positionOf(cursor, cursor.kind),
    to: cursor,
    pending: 0,
    last: true,
    reset,
  };
}

/** The cursor, if it is one of a `kind` stream. */
export function ofKind<Kind extends Cursor['kind']>(
  kind: Kind,
  cursor: Cursor | undefined,
): Extract<Cursor, { readonly kind: Kind }> | undefined {
  return cursor?.kind === kind ? (cursor as Extract<Cursor, { readonly kind: Kind }>) : undefined;
}

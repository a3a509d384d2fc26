import { CairnError } from '../errors.ts';
import { changeRecord, linesOf, parseRecord } from '../harness/index.ts';
import type { PartPiece } from '../mirror/part.ts';

/**
 * The rows of a stream of changes as they stand after the last one: the records that put them, each ended by `\n`,
 * table by table in the order of ids. Held in memory, as large as the session is now.
 * @throws CairnError `usage` for a stream of another kind
 */
export async function foldChanges(parts: AsyncIterable<PartPiece>): Promise<readonly Uint8Array[]> {
  const tables = new Map<string, Map<string | number, Uint8Array>>();
  let rest: Uint8Array = new Uint8Array();
  for await (const { header, lines } of parts) {
    if (header) checkKind(header.to.kind);
    else {
      const block = rest.length > 0 ? Buffer.concat([rest, lines]) : lines;
      const end = block.lastIndexOf(10) + 1;
      for (const line of linesOf(block.subarray(0, end))) apply(tables, line);
      rest = block.subarray(end);
    }
  }
  return [...tables.values()].flatMap((rows) => [...rows].sort(([a], [b]) => compareIds(a, b)).map(([, line]) => line));
}

function apply(tables: Map<string, Map<string | number, Uint8Array>>, line: Uint8Array): void {
  const change = changeRecord(parseRecord(line));
  if (change === undefined) return;
  const name = 'put' in change ? change.put : change.delete;
  const rows = tables.get(name) ?? new Map<string | number, Uint8Array>();
  tables.set(name, rows);
  // A copy: a row must not keep the whole part alive.
  if ('put' in change) rows.set(change.id, Buffer.concat([line, Buffer.from('\n')]));
  else rows.delete(change.id);
}

function compareIds(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : 1;
}

function checkKind(kind: string): void {
  if (kind === 'changes') return;
  throw new CairnError('usage', 'expected a session that is kept as a log of changes, got one that only grows', {
    hint: 'leave --folded out: its records are the session as it stands',
  });
}

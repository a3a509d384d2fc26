import type { ChangesCursor, Cursor } from '../harness/cursor.ts';
import { changeRecord, linesOf, parseRecord } from '../harness/index.ts';
import type { StreamRef } from '../harness/types.ts';
import type { PreparedImport } from './import.ts';
import { behind } from './local.ts';
import { blocksOf, type Standing } from './standing.ts';

/** The mirror of this host goes on behind what was imported, as if it had shipped it. */
export async function rememberImport(
  { context, target, main, content, workplace }: PreparedImport,
  standing: Exclude<Standing, { kind: 'absent' }>,
  local: StreamRef,
): Promise<void> {
  const { harness, root } = context;
  const state = context.state?.session(harness.name, target.session);
  if (!state) return;
  const { epoch, seq } = main.last;
  const known = await state.readStream('main');
  if (known?.epoch === epoch && known.seq === seq + 1 && known.cursor) return;
  let cursor: Cursor | undefined = standing.cursor;
  const own: Uint8Array[] = [];
  for await (const block of blocksOf(context, local, local.kind === 'changes' ? undefined : cursor, (to) => {
    cursor = to;
  })) {
    if (local.kind === 'changes') own.push(block);
  }
  if (cursor?.kind === 'changes') cursor = await likeShipped(cursor, own, content(), main.last.to);
  await state.writeStream('main', { ...behind(main.last), cursor, restored: { epoch, seq, cursor } });
  const before = await state.read();
  const place = { root, cwd: workplace.cwd, quiet: undefined, streams: ['main'] };
  await state.write({ v: 1, harness: harness.name, session: target.session, ...before, ...place });
}

/** Rows that are as in the bucket have the mark that this host gives them; of all others the bucket's stays. */
async function likeShipped(
  cursor: ChangesCursor,
  own: readonly Uint8Array[],
  content: AsyncIterable<Uint8Array>,
  to: { readonly kind: string; readonly count?: number },
): Promise<ChangesCursor> {
  const rows = new Map<string, { readonly row: string; readonly mark: string }>();
  for (const block of own) {
    for (const line of linesOf(block)) {
      const change = changeRecord(parseRecord(line));
      if (change && 'put' in change)
        rows.set(JSON.stringify([change.put, change.id]), { row: JSON.stringify(change.row), mark: change.mark });
    }
  }
  const marks: Record<string, Record<string, string>> = {};
  for await (const block of content) {
    for (const line of linesOf(block)) {
      const change = changeRecord(parseRecord(line));
      if (change === undefined) continue;
      const table = 'put' in change ? change.put : change.delete;
      const known = marks[table] ?? {};
      marks[table] = known;
      if ('delete' in change) delete known[JSON.stringify(change.id)];
      else {
        const here = rows.get(JSON.stringify([table, change.id]));
        const same = here?.row === JSON.stringify(change.row);
        known[JSON.stringify(change.id)] = same ? here.mark : change.mark;
      }
    }
  }
  return { ...cursor, count: to.count ?? 0, marks };
}

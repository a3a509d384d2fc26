import { CairnError } from '../errors.ts';
import { advance } from './advance.ts';
import { restart } from './epoch.ts';
import { flush, put } from './flush.ts';
import { deletedReason, type PartHeader } from './part.ts';
import type { ByteBudget } from './prepare.ts';
import { wasDeleted } from './recover.ts';
import { createPart, emptyPart, makeHeader, type Stream } from './stream.ts';

/**
 * The session's end: the whole source is read once more against what was shipped, so that a change in the
 * middle which kept size and guard is found now; then the main stream says `ended`.
 */
export async function markEnded(stream: Stream, budget: ByteBudget): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const { cursor } = stream.record;
    if (!cursor || (await stream.harness.prove(stream.ref, cursor))) break;
    if (attempt === 3) {
      throw new CairnError('unavailable', `expected ${stream.ref.name} to stand still, but it is being rewritten`, {
        hint: 'stop the agent, then run the same command again',
      });
    }
    await restart(stream, 'rewritten');
    await flush(stream, budget);
  }
  if (stream.ref.name !== 'main' || stream.record.event === 'ended') return;
  while (!(await put(stream, await emptyPart(stream, stream.record.cursor), { event: 'ended' })))
    await flush(stream, budget);
}

/**
 * The source is no longer on this host; `seen` is how it stood when nothing of it was left to ship. Where another host
 * went on with the stream, it is not ours to say.
 */
export async function markGone(stream: Stream, seen: PartHeader['seen']): Promise<void> {
  const { record } = stream;
  if (record.event === 'gone' || record.seq === 0 || record.opening) return;
  const part = await emptyPart(stream, record.cursor);
  const header = makeHeader(stream, record, part, { event: 'gone', seen });
  record.pending = [...record.pending, { w: header.w, to: record.cursor }];
  await stream.save();
  const { summary } = record;
  const placed = await createPart(stream, header, part.body);
  if (placed.outcome === 'won') await advance(stream, header, record.cursor, placed.date);
  else {
    if (placed.header.closed?.reason === deletedReason) throw wasDeleted(stream.address);
    const mine = record.pending.find((p) => p.w === placed.header.w);
    if (mine) await advance(stream, placed.header, mine.to);
  }
  record.summary = summary;
  record.event = 'gone';
  await stream.save();
}

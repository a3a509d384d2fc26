import type { ResetReason } from '../harness/types.ts';
import { adoptHeader, joinHead } from './adopt.ts';
import { advance } from './advance.ts';
import { findHeads, listEpochs } from './epochs.ts';
import { noTotals, type Opened, type PartHeader } from './part.ts';
import type { Stream } from './stream.ts';

/**
 * The source no longer continues what was shipped: the next epoch begins at its start. The new epoch is
 * opened before the old one is closed, so a follower never waits for an epoch that is not there.
 */
export async function restart(stream: Stream, reason: ResetReason): Promise<void> {
  const { record } = stream;
  if (!record.opening) {
    record.closing = {
      reason,
      epoch: record.epoch,
      seq: record.seq,
      chain: record.chain,
      totals: record.totals,
      cursor: record.cursor,
      ws: record.pending.map((p) => p.w),
    };
  }
  record.cursor = undefined;
  record.chain = '';
  if (record.opening) record.opening = { ...record.opening, departs: null };
  else await open(stream, { reason, departs: null });
  await stream.save();
  stream.report({ event: 'reset', reason, epoch: record.epoch });
}

/** The number is taken by another source's part: go on in an epoch that departs from the last common one. */
export async function branch(stream: Stream): Promise<void> {
  const heads = await findHeads(stream.store, stream.address, await listEpochs(stream.store, stream.address));
  for (const head of heads) {
    if (await joinHead(stream, head)) return;
  }
  await depart(stream, 'diverged');
}

/** Opens an epoch that goes on where the record stands, or at the source's start where it stands nowhere. */
export async function depart(stream: Stream, reason: 'diverged' | 'unproven'): Promise<void> {
  const { record } = stream;
  const departs = record.seq > 0 ? { epoch: record.epoch, seq: record.seq - 1, chain: record.chain } : null;
  if (!departs) {
    record.cursor = undefined;
    record.chain = '';
  }
  await open(stream, { reason, departs });
  await stream.save();
  stream.report({ event: 'reset', reason, epoch: record.epoch });
}

/** Aims at part 0 of the next free epoch. It is mine once that part is in. */
async function open(stream: Stream, opening: Opened): Promise<void> {
  const epochs = await listEpochs(stream.store, stream.address);
  const { record } = stream;
  record.opening = opening;
  record.epoch = Math.max(record.epoch, epochs.at(-1)?.epoch ?? -1) + 1;
  record.seq = 0;
  record.totals = noTotals;
  record.pending = [];
  record.summary = undefined;
}

/** Somebody else has opened that epoch: the next free one is aimed at. */
export async function reopen(stream: Stream): Promise<void> {
  if (stream.record.opening) await open(stream, stream.record.opening);
}

/** Part 0 of the epoch that I was opening is another's. */
export async function joinOpened(stream: Stream, header: PartHeader): Promise<void> {
  const { record } = stream;
  const mine = record.pending.find((p) => p.w === header.w);
  if (mine) await advance(stream, header, mine.to);
  else if (record.opening) {
    const adopted = await adoptHeader(stream, header, record);
    if (adopted) await advance(stream, header, adopted.cursor);
    else await open(stream, record.opening);
  }
  await stream.save();
}

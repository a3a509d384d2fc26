import { CairnError } from '../errors.ts';
import type { Harness } from '../harness/types.ts';
import { fetchHeader, findHeads, type Head, listEpochs, placeIn, placesOf } from '../mirror/epochs.ts';
import type { PartHeader } from '../mirror/part.ts';
import { type PartPlace, Parts } from '../mirror/parts.ts';
import { closeOld, put, type Replacement, type Rewritten, removeParts, rewrite } from '../mirror/replace.ts';
import type { PartAddress, SessionAddress, StreamAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { Sequence } from '../trajectory/sequence.ts';
import { runOf } from './agents.ts';
import { projectorOf, readRecords } from './events.ts';
import { listSession, type SessionListing } from './listing.ts';
import { readStored } from './stored-parts.ts';

/** Who truncates, and with what. */
export type Truncating = Pick<Replacement, 'store' | 'runtime' | 'key' | 'writer'>;

/** Stands in `opened` and `closed`; `truncated` is a source that was cut. */
const reason = 'cut';

/** What is to stay of a stream, and what is to go. */
export interface StreamCut {
  readonly stream: string;
  /** The epoch that was looked at. */
  readonly epoch: number;
  readonly keep: number;
  readonly cut: number;
}

export interface TruncationPlan {
  /** Events of the transcript that stay, and that go: a record stays whole. */
  readonly events: { readonly keep: number; readonly cut: number };
  /** In records; only streams of which something goes. */
  readonly streams: readonly StreamCut[];
}

/**
 * What is left of a session with the first `keep` events of its transcript: the records up to the one that bears the
 * last of them. Of sub-agents that were started behind it nothing stays, of no segment; side files stay. Reads the transcript.
 * @throws CairnError `corrupt`, and of the store
 */
export async function planTruncation(
  store: BucketStore,
  listing: SessionListing,
  harness: Pick<Harness, 'projector'> | undefined,
  keep: number,
  options: RequestOptions = {},
): Promise<TruncationPlan> {
  const names = [...listing.streams.keys()];
  const transcripts = names.filter((name) => name === 'main' || name.startsWith('segment-'));
  const events = { keep: 0, cut: 0 };
  const streams: StreamCut[] = [];
  const agents = { keep: new Set<string>(), cut: new Set<string>() };
  const count = async (stream: string, limit: number) => {
    const sequence = new Sequence(projectorOf(harness, stream));
    const records = { keep: 0, cut: 0 };
    let epoch = 0;
    const onEpoch = (read: number) => {
      epoch = read;
    };
    for await (const { line, at } of readRecords(store, listing, stream, { ...options, onEpoch })) {
      const side = events.keep < limit ? 'keep' : 'cut';
      const found = sequence.events(line, at);
      records[side]++;
      events[side] += found.length;
      for (const event of found) if (event.kind === 'subagent_spawn') agents[side].add(`agent-${event.agent}`);
    }
    if (records.cut > 0) streams.push({ stream, epoch, ...records });
  };
  for (const stream of transcripts.length > 0 ? transcripts : names.slice(0, 1)) await count(stream, keep);
  const { keep: kept, cut } = { ...events };
  // Grows while it is gone over: sub-agents start others.
  for (const agent of agents.cut) {
    if (agents.keep.has(agent)) continue;
    for (const stream of names.filter((name) => runOf(name) === agent)) await count(stream, 0);
  }
  return { events: { keep: kept, cut }, streams };
}

/**
 * Cuts streams short: a new epoch departs from the last whole part before the cut and has what stays of the next one;
 * the parts behind it are there without records, so that it covers as much of the source. Part 0 comes last: without it
 * the epoch is no head. Then the old epoch is closed with a pointer to the new one, where a live writer goes on with
 * the cursor that it has: what it ships after the cut is there, once. Nothing is removed.
 * @throws CairnError `superseded` where the session changed in another way meanwhile, and of the store
 */
export async function truncate(
  t: Truncating,
  { address }: SessionListing,
  streams: readonly StreamCut[],
): Promise<void> {
  // Sub-agents first: the transcript that no longer names them comes last.
  for (const { stream, epoch, keep } of [...streams].reverse()) {
    const at = { ...address, stream };
    const [head] = await findHeads(t.store, at, await listEpochs(t.store, at));
    if (head?.epoch !== epoch) throw superseded(at);
    await cutStream({ ...t, reason, keepsOld: true }, at, head, keep);
  }
}

/**
 * Finishes what an interrupted run left of `truncate`, or removes it where it had not come to part 0.
 * @returns whether there was a cut to finish
 */
export async function finishTruncation(t: Truncating, address: SessionAddress): Promise<boolean> {
  const r = { ...t, reason, keepsOld: true as const };
  let any = false;
  for (const [stream, epochs] of (await listSession(t.store, address)).streams) {
    const at = { ...address, stream };
    for (const { epoch, seqs, packs } of epochs.filter(({ seqs }) => seqs[0] !== 0)) {
      const first = await fetchHeader(t.store, placeIn(at, { epoch, packs }, seqs[0] ?? 0));
      if (first?.cuts && first.writer.mirror === t.writer.mirror) await removeParts(r, at, epoch, seqs);
    }
    const heads = epochs.length > 1 ? await findHeads(t.store, at, epochs) : [];
    for (const { epoch, last } of heads) {
      const cuts = await cutsOf(r, { ...at, epoch, seq: last.seq });
      const old = heads.find((head) => head.epoch === cuts?.epoch);
      // Where a writer went on in both, both stay.
      if (!cuts || !old || (!last.cuts && old.last.seq > cuts.seq)) continue;
      any = true;
      await closeOld(r, at, { from: cuts, epoch, last });
    }
  }
  return any;
}

/** How much of an older epoch the beginning of this one stands for; nothing of one that was not cut. */
async function cutsOf({ store }: Replacement, { seq, ...epoch }: PartAddress): Promise<PartHeader['cuts']> {
  const parts = new Parts(store);
  for (let at = seq; at >= 0; at--) {
    const header = await parts.header({ ...epoch, seq: at });
    if (header?.cuts) return header.cuts;
    if (at === seq && !(await parts.header({ ...epoch, seq: 0 }))?.cuts) return undefined;
  }
  return undefined;
}

async function cutStream(r: Replacement, address: StreamAddress, head: Head, keep: number): Promise<void> {
  const epoch = ((await listEpochs(r.store, address)).at(-1)?.epoch ?? head.epoch) + 1;
  const cuts = { epoch: head.epoch, seq: head.last.seq };
  let records = 0;
  let before: PartHeader | undefined;
  let first: Rewritten | undefined;
  let last: PartHeader | undefined;
  const parts = new Parts(r.store);
  for (const part of placesOf(address, head.lineage)) {
    const header = await headerOf(parts, part);
    if (!last && records + header.records <= keep) {
      records += header.records;
      before = header;
      continue;
    }
    const stays = last ? 0 : keep - records;
    const lines = stays > 0 ? firstLines(await linesOf(r, part), stays) : new Uint8Array();
    const { images: _images, ...bare } = header;
    const kept = { header: stays > 0 ? { ...header, records: stays } : { ...bare, records: 0, redactions: {} }, lines };
    const departs = before ? { epoch: before.epoch, seq: before.seq, chain: before.chain } : null;
    const next = await rewrite(r, kept, { epoch, seq: last ? last.seq + 1 : 0 }, last, departs);
    const cut = { ...next, header: { ...next.header, cuts } };
    if (first) await put(r, address, cut);
    first ??= cut;
    last = cut.header;
  }
  if (!first || !last) return;
  try {
    await put(r, address, first);
  } catch (error) {
    // A writer that opened the epoch meanwhile must not find parts in it that are none of its.
    const seqs = Array.from({ length: last.seq }, (_, i) => i + 1);
    if (error instanceof CairnError && error.code === 'superseded') await removeParts(r, address, epoch, seqs);
    throw error;
  }
  await closeOld(r, address, { from: cuts, epoch, last });
}

async function headerOf(parts: Parts, part: PartPlace): Promise<PartHeader> {
  const header = await parts.header(part);
  if (header) return header;
  throw new CairnError('corrupt', `expected part ${part.seq} of epoch ${part.epoch} of ${part.stream}, found none`, {
    hint: 'run `cairn session verify` on this session to see what is readable',
  });
}

async function linesOf({ store }: Replacement, part: PartPlace): Promise<Uint8Array> {
  const epoch = { epoch: part.epoch, seqs: [part.seq], packs: part.pack ? [part.pack] : [] };
  for await (const { lines } of readStored(store, part, epoch)) return lines;
  return new Uint8Array();
}

function firstLines(lines: Uint8Array, count: number): Uint8Array {
  let end = 0;
  for (let n = 0; n < count; n++) end = lines.indexOf(10, end) + 1;
  return lines.subarray(0, end);
}

function superseded({ session, stream }: StreamAddress): CairnError {
  return new CairnError(
    'superseded',
    `expected ${session}/${stream} to only grow meanwhile, but it goes on elsewhere`,
    {
      hint: 'run the same command again',
    },
  );
}

import { CairnError } from '../errors.ts';
import type { SourceKey } from '../harness/types.ts';
import type { Redacted } from '../redact/types.ts';
import type { Runtime } from '../runtime.ts';
import { readStored, type StoredPart } from '../sessions/stored-parts.ts';
import { createOnce } from '../store/create-once.ts';
import { packsPrefix, partKey, type StreamAddress } from '../store/keys.ts';
import { sealBytes } from '../store/seal.ts';
import type { BucketStore } from '../store/types.ts';
import { type Epoch, fetchHeader, lastWithoutGap, listEpochs, placeIn } from './epochs.ts';
import {
  addImages,
  type Closed,
  chainHash,
  compressHeader,
  compressRecords,
  contentHash,
  HEADER_RANGE,
  noTotals,
  type Opened,
  type PartHeader,
  readHeader,
  sealHeader,
} from './part.ts';
import { addTallies } from './tally.ts';

export interface Replacement {
  readonly store: BucketStore;
  readonly runtime: Runtime;
  readonly key: SourceKey;
  readonly writer: PartHeader['writer'];
  /** Stands in `opened` and `closed`. */
  readonly reason: string;
  /** The old parts stay where they are. */
  readonly keepsOld?: true;
  /** Rule set by which `redact` works; default each part's own. */
  readonly redactor?: string;
  /** Gives as many lines as it was given; without it they stay as they are. */
  redact?(lines: Uint8Array, stream: string): Promise<Redacted>;
}

/**
 * Replaces the content of a stream: every epoch is written anew, part by part, under later numbers; then the heads
 * are closed with a pointer to their successors, where a live writer goes on with the cursor that it has; then the
 * old parts are removed, but for the closing ones. Part 0 of an epoch comes last, so that no reader takes half of it
 * for the newest. What an interrupted run left is cleared first.
 * @throws CairnError `superseded` where another replaced it meanwhile, and of the store
 */
export async function replaceStream(r: Replacement, address: StreamAddress): Promise<void> {
  const listed = await listEpochs(r.store, address);
  const epochs = (await clearLeftovers(r, address, listed)).filter(({ seqs }) => seqs[0] === 0);
  const shift = (listed.at(-1)?.epoch ?? 0) + 1;
  const copies = new Map<number, Copy>();
  for (const epoch of epochs) copies.set(epoch.epoch, await copyEpoch(r, address, epoch, shift, copies));
  const ends = new Map<number, End | undefined>();
  for (const [epoch, copy] of copies) {
    await put(r, address, copy.first);
    ends.set(epoch, endOf(copy.last) ?? (await closeOld(r, address, sameNumbers(epoch, copy.epoch, copy.last))));
  }
  for (const epoch of await listEpochs(r.store, address)) {
    const end = ends.get(epoch.epoch);
    if (end) await removeEpoch(r, address, epoch, end);
  }
}

/** An epoch that takes the place of another, of which it has all up to a part. */
interface Successor {
  readonly from: { readonly epoch: number; readonly seq: number };
  readonly epoch: number;
  readonly last: PartHeader;
}

/** An epoch that is being written anew. */
interface Copy {
  readonly from: number;
  readonly epoch: number;
  /** By number: an epoch that departs from here names the chain of its last common part. */
  readonly chains: string[];
  last: PartHeader;
  /** Part 0, which is held back. */
  readonly first: Rewritten;
}

export interface Rewritten {
  readonly header: PartHeader;
  readonly body: Uint8Array;
}

async function copyEpoch(
  r: Replacement,
  address: StreamAddress,
  epoch: Epoch,
  shift: number,
  copies: ReadonlyMap<number, Copy>,
): Promise<Copy> {
  let copy: Copy | undefined;
  for await (const part of readStored(r.store, address, epoch)) {
    if (copy && part.header.seq !== copy.chains.length) break; // behind a gap
    const departs = part.header.opened?.departs;
    const chain = departs ? copies.get(departs.epoch)?.chains[departs.seq] : undefined;
    const place = { epoch: part.header.epoch + shift, seq: part.header.seq };
    const shifted = departs && chain !== undefined ? { ...departs, epoch: departs.epoch + shift, chain } : null;
    const next = await rewrite(r, part, place, copy?.last, shifted);
    if (copy) {
      await put(r, address, next);
      copy.chains.push(next.header.chain);
      copy.last = next.header;
    } else {
      const { header } = next;
      copy = { from: epoch.epoch, epoch: header.epoch, chains: [header.chain], last: header, first: next };
    }
  }
  if (!copy) throw new Error(`epoch ${epoch.epoch} without a part`);
  return copy;
}

/** A part as it stands elsewhere: the same range of the source, with the lines that are given. */
export async function rewrite(
  r: Replacement,
  { header, lines }: StoredPart,
  { epoch, seq }: { readonly epoch: number; readonly seq: number },
  before: PartHeader | undefined,
  departs: Opened['departs'],
): Promise<Rewritten> {
  const { block, found } = (await r.redact?.(lines, header.stream)) ?? { block: lines, found: {} };
  const { opened: _opened, closed, context, sealed: _sealed, cuts, replaces: _replaces, ...rest } = header;
  const shift = epoch - header.epoch;
  const totals = before?.totals ?? noTotals;
  const redactions = addTallies(header.redactions, found);
  const plain = await compressRecords(block, 3);
  const seal = await r.store.sealing?.();
  const body = seal ? await sealBytes(seal, plain) : plain;
  const content = contentHash(seal ? body : block);
  const prev = before?.chain ?? departs?.chain ?? '';
  return {
    body,
    header: {
      ...rest,
      w: r.runtime.id(),
      epoch,
      seq,
      bytes: block.length,
      content,
      ...(seal && { sealed: 'age' as const }),
      prev,
      chain: chainHash(prev, content),
      redactions,
      redactor: r.redactor ?? header.redactor,
      totals: {
        records: totals.records + header.records,
        bytes: totals.bytes + block.length,
        redactions: addTallies(totals.redactions, redactions),
        ...addImages(totals, header),
      },
      ...(seq === 0 && { opened: { reason: r.reason, departs } }),
      ...(closed && { closed: { ...closed, next: { ...closed.next, epoch: closed.next.epoch + shift } } }),
      ...(cuts && { cuts: { ...cuts, epoch: cuts.epoch + shift } }),
      ...(context && { context: await redactedContext(r, context) }),
      ...(!r.keepsOld && { replaces: { epoch: header.epoch, seq: header.seq } }),
      writer: r.writer,
      at: new Date(r.runtime.now()).toISOString(),
    },
  };
}

async function redactedContext(r: Replacement, context: object): Promise<NonNullable<PartHeader['context']>> {
  if (!r.redact) return context;
  const { block } = await r.redact(Buffer.from(`${JSON.stringify(context)}\n`), 'main');
  return JSON.parse(Buffer.from(block).toString('utf8'));
}

/** @throws CairnError `superseded` where another took the number */
export async function put(r: Replacement, address: StreamAddress, part: Rewritten): Promise<void> {
  if (await create(r, address, part.header, part.body)) throw superseded(address);
}

/** The part that closes an epoch. */
interface End {
  readonly seq: number;
  readonly restart: boolean;
}

function endOf(last: PartHeader | undefined): End | undefined {
  return last?.closed && { seq: last.seq, restart: last.closed.restart };
}

/** A copy in which every part has the number that it had. */
function sameNumbers(from: number, epoch: number, last: PartHeader): Successor {
  return { from: { epoch: from, seq: last.seq }, epoch, last };
}

/**
 * Closes an epoch that has a successor. What a live writer put there meanwhile goes into the successor as well. Gives
 * the end that the old one has; nothing where somebody went on in the successor before, so that both stay: a fork.
 * @throws CairnError `superseded` where another closed it
 */
export async function closeOld(
  r: Replacement,
  address: StreamAddress,
  { from, epoch, ...copy }: Successor,
): Promise<End | undefined> {
  let { last } = copy;
  let old = await fetchHeader(r.store, { ...address, ...from });
  while (old) {
    const closed = { reason: r.reason, restart: false, next: { epoch, seq: last.seq + 1 } };
    const other = await close(r, address, old, closed);
    if (!other) return { seq: old.seq + 1, restart: false };
    if (other.closed) throw superseded(address);
    for await (const part of readStored(r.store, address, { epoch: from.epoch, seqs: [other.seq], packs: [] })) {
      const late = await rewrite(r, part, { epoch, seq: last.seq + 1 }, last, null);
      const header = last.cuts ? { ...late.header, cuts: { epoch: from.epoch, seq: other.seq } } : late.header;
      await put(r, address, { ...late, header });
      last = header;
    }
    old = other;
  }
  return undefined;
}

/** The part behind `last`, without records; the header of what stands there already, if something does. */
async function close(
  r: Replacement,
  address: StreamAddress,
  last: PartHeader,
  closed: Closed,
): Promise<PartHeader | undefined> {
  const { opened: _opened, context: _context, event: _event, sealed: _sealed, ...others } = last;
  const { replaces: _replaces, cuts: _cuts, images: _images, ...rest } = others;
  const plain = await compressRecords(new Uint8Array(), 3);
  const seal = await r.store.sealing?.();
  const body = seal ? await sealBytes(seal, plain) : plain;
  const content = contentHash(seal ? body : new Uint8Array());
  const header: PartHeader = {
    ...rest,
    w: r.runtime.id(),
    seq: last.seq + 1,
    from: last.to,
    records: 0,
    bytes: 0,
    source: r.key.hmac().digest(),
    content,
    ...(seal && { sealed: 'age' as const }),
    prev: last.chain,
    chain: chainHash(last.chain, content),
    redactions: {},
    redactor: r.redactor ?? last.redactor,
    closed,
    writer: r.writer,
    at: new Date(r.runtime.now()).toISOString(),
  };
  return create(r, address, header, body);
}

/** The header of another's part, where the number is taken. */
async function create(
  r: Replacement,
  address: StreamAddress,
  header: PartHeader,
  body: Uint8Array,
): Promise<PartHeader | undefined> {
  const key = partKey({ ...address, epoch: header.epoch, seq: header.seq });
  const seal = header.sealed && (await r.store.sealing?.());
  const head = await (seal ? sealHeader(header, seal) : compressHeader(header));
  const result = await createOnce(r.store, key, Buffer.concat([head, body]), header.w, {
    runtime: r.runtime,
    range: HEADER_RANGE,
    read: (object) => readHeader(object, key),
  });
  if (result.outcome === 'won') return undefined;
  if (result.outcome === 'lost') return result.other;
  throw new CairnError('unknown', `expected an answer for ${key}, but the store gave none that settles it`, {
    cause: result.cause,
    hint: 'run the same command again: it clears what is half done',
  });
}

/** Removes what an interrupted run left: epochs that have a successor, and copies without their part 0. */
async function clearLeftovers(
  r: Replacement,
  address: StreamAddress,
  epochs: readonly Epoch[],
): Promise<readonly Epoch[]> {
  const header = (epoch: Epoch, seq: number) => fetchHeader(r.store, placeIn(address, epoch, seq));
  const copies = new Map<number, number>();
  const kept: Epoch[] = [];
  for (const epoch of epochs) {
    const [seq = 0] = epoch.seqs;
    const first = await header(epoch, seq);
    if (first?.replaces && seq === 0) copies.set(first.replaces.epoch, epoch.epoch);
    if (first?.replaces && seq > 0) await removeParts(r, address, epoch.epoch, epoch.seqs);
    else kept.push(epoch);
  }
  for (const epoch of kept) {
    const copy = kept.find((other) => other.epoch === copies.get(epoch.epoch));
    if (!copy) continue;
    const last = await header(epoch, epoch.seqs.at(-1) ?? 0);
    const end = await header(copy, lastWithoutGap(copy) ?? 0);
    const closed = endOf(last) ?? (end && (await closeOld(r, address, sameNumbers(epoch.epoch, copy.epoch, end))));
    if (closed) await removeEpoch(r, address, epoch, closed);
  }
  return kept.filter(({ epoch }) => !copies.has(epoch));
}

/** Of an epoch that a writer may stand in, the end stays that tells it where to go. */
async function removeEpoch(r: Replacement, address: StreamAddress, { epoch, seqs }: Epoch, end: End): Promise<void> {
  const removed = end.restart ? seqs : seqs.filter((seq) => seq !== end.seq);
  await removeParts(r, address, epoch, removed);
}

export async function removeParts(
  r: Replacement,
  address: StreamAddress,
  epoch: number,
  seqs: readonly number[],
): Promise<void> {
  for (const seq of seqs) await r.store.remove(partKey({ ...address, epoch, seq }));
  // Afterwards: who packs looks whether the parts are still there once the pack is.
  for await (const entry of r.store.list(packsPrefix(address, epoch)))
    if ('key' in entry) await r.store.remove(entry.key);
}

function superseded(address: StreamAddress): CairnError {
  return new CairnError(
    'superseded',
    `expected to replace ${address.session}/${address.stream} alone, but another did so, too`,
    {
      hint: 'run the same command again',
    },
  );
}

import { CairnError } from '../errors.ts';
import { arrange, entriesOf } from '../sessions/listing.ts';
import { epochPrefix, parsePartKey, type SessionAddress, type StreamAddress } from '../store/keys.ts';
import { mostPacked, type Pack } from '../store/part-names.ts';
import type { BucketStore, ObjectInfo, RequestOptions } from '../store/types.ts';
import { type EpochPlan, type ListedObject, planEpoch, type Run } from './compact-plan.ts';
import { fetchHeader } from './epochs.ts';
import type { Frame } from './frame.ts';
import { PACK_BYTES, packOf } from './pack.ts';
import { FRESH_MS, PackObjects } from './pack-object.ts';
import { deletedReason } from './part.ts';

export interface CompactOptions extends RequestOptions {
  /** Tell what would be done, from the listing alone. */
  readonly dryRun?: boolean;
  /** The session's objects, where they were listed already. */
  readonly entries?: readonly ObjectInfo[];
}

/** What was done to a stretch of an epoch. Shapes are law for `--json`: docs/json.md. */
export interface Compacted extends Stretch {
  /**
   * `packed`: it is in a pack now as well. `removed`: its parts are gone, the pack has them. `would-pack`,
   * `would-remove`: with a dry run. `withdrawn`: a pack was removed again, as its content was replaced or removed.
   */
  readonly event: 'packed' | 'removed' | 'would-pack' | 'would-remove' | 'withdrawn';
  readonly parts: number;
  /** Of these parts: stored bytes, and with `packed` uncompressed ones. */
  readonly bytes: number;
  /** Of the pack that was made. */
  readonly stored?: number;
}

/** Something is wrong; it was left as it is. */
export interface CompactProblem extends Stretch {
  readonly event: 'problem';
  readonly message: string;
}

interface Stretch {
  readonly stream: string;
  readonly epoch: number;
  readonly first: number;
  readonly last: number;
}

export type CompactEvent = Compacted | CompactProblem;

/**
 * Packs the cold epochs of a session into few large objects, and removes what packs of an earlier run have. A crash at
 * any point leaves what every reader understands. One LIST; then for a run of parts a GET each, and for a pack a PUT and
 * a GET; for an epoch that was packed a LIST and a GET more.
 * @throws CairnError of the store; what is wrong with the session is an event
 */
export async function* compactSession(
  store: BucketStore,
  address: SessionAddress,
  options: CompactOptions = {},
): AsyncGenerator<CompactEvent> {
  const { signal, dryRun } = options;
  const request = signal ? { signal } : {};
  const entries = options.entries ?? (await entriesOf(store, address, request));
  const { streams } = await arrange(store, address, entries);
  const sealed = (await store.sealing?.()) !== undefined;
  for (const stream of streams.keys()) {
    for (const [epoch, { objects, date }] of epochsIn({ ...address, stream }, entries)) {
      const at = { ...address, stream, epoch };
      const plan = planEpoch(objects, date);
      if (dryRun) yield* told(at, plan);
      else
        yield* new EpochCompaction(store, at, new PackObjects(store, at, sealed, request), request).run(objects, plan);
      if (signal?.aborted) return;
    }
  }
}

function epochsIn(at: StreamAddress, entries: readonly ObjectInfo[]) {
  const epochs = new Map<number, { objects: ListedObject[]; date: number }>();
  for (const { key, size, modified, date } of entries) {
    const object = parsePartKey(at, key);
    if (!object) continue;
    const { epoch, ...numbers } = object;
    const one = epochs.get(epoch) ?? { objects: [], date };
    epochs.set(epoch, one);
    one.objects.push({ ...numbers, size, modified });
  }
  return epochs;
}

type At = StreamAddress & { readonly epoch: number };

function stretch({ stream, epoch }: At, first: number, last: number): Stretch {
  return { stream, epoch, first, last };
}

function* told(at: At, { pack, remove }: EpochPlan): Generator<CompactEvent> {
  const tell = (event: 'would-pack' | 'would-remove', { seqs, bytes }: Run): CompactEvent => ({
    event,
    ...stretch(at, seqs[0] ?? 0, seqs.at(-1) ?? 0),
    parts: seqs.length,
    bytes,
  });
  for (const run of remove) yield tell('would-remove', run);
  for (const run of pack) yield tell('would-pack', run);
}

class EpochCompaction {
  readonly #store: BucketStore;
  readonly #at: At;
  readonly #packs: PackObjects;
  readonly #options: RequestOptions;
  /** Packs that this run made. */
  readonly #made: Compacted[] = [];

  constructor(store: BucketStore, at: At, packs: PackObjects, options: RequestOptions) {
    this.#store = store;
    this.#at = at;
    this.#packs = packs;
    this.#options = options;
  }

  async *run(objects: readonly ListedObject[], plan: EpochPlan): AsyncGenerator<CompactEvent> {
    if (await this.#isLeft(objects, plan)) {
      for (const { pack } of objects) if (pack) yield await this.#withdraw(pack);
      return;
    }
    for (const covered of plan.remove) yield await this.#removeParts(covered);
    for (const run of plan.pack) yield* this.#packRun(run);
    for (const { first, last } of await this.#vanished()) yield await this.#withdraw({ first, last });
  }

  /** Its content was replaced, or removed for good: what packs have of it is a leftover, and nothing is to be packed. */
  async #isLeft(objects: readonly ListedObject[], plan: EpochPlan): Promise<boolean> {
    const packs = objects.flatMap(({ pack }) => pack ?? []);
    const open = objects.flatMap(({ seq }) => (seq === undefined || packOf(packs, seq) ? [] : seq));
    const [only] = open;
    if (plan.pack.length === 0 && (packs.length === 0 || open.length !== 1)) return false;
    const seq = plan.pack.length > 0 ? open.reduce((last, other) => Math.max(last, other), 0) : only;
    const last = await fetchHeader(this.#store, { ...this.#at, seq: seq ?? 0 }, this.#options);
    const { reason, restart, next } = last?.closed ?? {};
    if (reason === deletedReason) return true;
    if (restart !== false || !next) return false;
    // A session that was cut short goes on elsewhere as well, but the old epoch stays.
    const successor = await fetchHeader(this.#store, { ...this.#at, epoch: next.epoch, seq: 0 }, this.#options);
    return successor?.replaces?.epoch === this.#at.epoch;
  }

  async #removeParts({ pack, seqs, bytes }: EpochPlan['remove'][number]): Promise<CompactEvent> {
    try {
      await this.#packs.prove(pack);
    } catch (error) {
      // Even where all its parts are there it stays: another run may have proven it just now, and remove them.
      if (!isCorrupt(error)) throw error;
      return this.#problem(pack, error);
    }
    await this.#packs.removeParts(seqs);
    return { event: 'removed', ...stretch(this.#at, pack.first, pack.last), parts: seqs.length, bytes };
  }

  async *#packRun({ seqs }: Run): AsyncGenerator<CompactEvent> {
    let frames: Frame[] = [];
    let size = 0;
    let chain: string | undefined;
    for (const seq of seqs) {
      if (this.#options.signal?.aborted) return;
      let frame: Frame | undefined;
      try {
        frame = await this.#packs.part(seq, chain);
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        yield this.#problem({ first: seq, last: seq }, error);
      }
      chain = frame?.header.chain;
      size += frame?.bytes.length ?? 0;
      if (!frame || (frames.length > 1 && size > PACK_BYTES) || frames.length === mostPacked) {
        yield* this.#packFrames(frames);
        frames = [];
        size = frame?.bytes.length ?? 0;
      }
      if (frame) frames.push(frame);
    }
    yield* this.#packFrames(frames);
  }

  async *#packFrames(frames: readonly Frame[]): AsyncGenerator<CompactEvent> {
    const [first, last] = [frames[0]?.header.seq, frames.at(-1)?.header.seq];
    if (first === undefined || last === undefined || first === last) return;
    try {
      const pack = await this.#packs.make({ first, last }, frames);
      if (!pack) return;
      const bytes = frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
      const made: Compacted = {
        event: 'packed',
        ...stretch(this.#at, first, last),
        parts: frames.length,
        bytes,
        stored: pack.stored,
      };
      if (pack.mine) this.#made.push(made);
      yield made;
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      yield this.#problem({ first, last }, error);
    }
  }

  /**
   * Packs of this run whose parts somebody has removed meanwhile, for good. (Where this process slept until the pack was
   * old enough, they were removed because it has them.)
   */
  async #vanished(): Promise<readonly Stretch[]> {
    if (this.#made.length === 0) return [];
    const there = new Set<number>();
    const packs: (Pack & { readonly age: number })[] = [];
    for await (const entry of this.#store.list(epochPrefix(this.#at, this.#at.epoch), this.#options)) {
      const object = 'key' in entry ? parsePartKey(this.#at, entry.key) : undefined;
      if (object?.pack && 'key' in entry) packs.push({ ...object.pack, age: entry.date - entry.modified });
      else if (object?.seq !== undefined) there.add(object.seq);
    }
    return this.#made.filter(({ first, last }) => {
      const mine = packs.find((pack) => pack.first === first && pack.last === last);
      if (!mine || mine.age > FRESH_MS) return false;
      const others = packs.filter((pack) => pack !== mine);
      for (let seq = first; seq <= last; seq++) if (!there.has(seq) && !packOf(others, seq)) return true;
      return false;
    });
  }

  async #withdraw(pack: Pack): Promise<CompactEvent> {
    await this.#packs.remove(pack);
    return {
      event: 'withdrawn',
      ...stretch(this.#at, pack.first, pack.last),
      parts: pack.last - pack.first + 1,
      bytes: 0,
    };
  }

  #problem({ first, last }: Pack, error: CairnError): CompactEvent {
    return { event: 'problem', ...stretch(this.#at, first, last), message: error.message };
  }
}

function isCorrupt(error: unknown): error is CairnError {
  return error instanceof CairnError && error.code === 'corrupt';
}
